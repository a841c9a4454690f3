import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { BoundedDelivery, type DeliveryLoad, defineSeam, hasMethods } from '#libs/extensions';
import type { AuditCheckpoint } from './chain/checkpoint.js';

/** An audit event as it was stored; what is sealed in the table is sealed here. */
export interface AuditRecord {
  readonly id: string;
  /** Its place in the chain. */
  readonly position: number;
  /** Of the chain up to it, in hexadecimal. */
  readonly hash: string;
  readonly occurredAt: Date;
  readonly actor: {
    readonly kind: 'api_key' | 'system';
    readonly name: string | null;
    readonly userId: string | null;
    readonly keyId: string | null;
  };
  readonly action: string;
  readonly target: { readonly type: string; readonly id: string };
  readonly organizationId: string | null;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
}

/** Takes audit events somewhere else, such as a SIEM. */
export interface AuditReceiver {
  /** False: it is not set up, and is told nothing. */
  readonly isOn?: boolean;
  /**
   * One event, after the commit of its change, one after the other. Nothing waits for it: an error is logged, and what a
   * slow receiver leaves waiting beyond 10,000 events is dropped, so the table `audit_events` has the last word.
   */
  receive(entry: AuditRecord): void | Promise<void>;
  /** A signed checkpoint of the chain, in the same manner; every replica tells of its own. */
  checkpoint?(checkpoint: AuditCheckpoint): void | Promise<void>;
}

/** Marks a provider as an AuditReceiver. */
export const AuditSink = defineSeam<AuditReceiver>('AuditSink', (candidate): candidate is AuditReceiver =>
  hasMethods(candidate, 'receive'),
);

const MOST_WAITING_EVENTS = 10_000;
/** How long a shutdown waits for sinks to take the last events. */
const LAST_DELIVERY_MS = 1000;

/** Every audit sink of the application. */
@Injectable()
export class AuditSinks implements OnModuleInit, BeforeApplicationShutdown {
  private deliveries: readonly BoundedDelivery<(sink: AuditReceiver) => void | Promise<void>>[] = [];

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    const sinks = AuditSink.collect(this.discovery).filter(({ isOn = true }) => isOn);
    this.deliveries = sinks.map(
      (sink) =>
        new BoundedDelivery({
          to: sink.constructor.name,
          receive: (tell) => tell(sink),
          limit: MOST_WAITING_EVENTS,
        }),
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.deliveries.map((delivery) => delivery.settled(LAST_DELIVERY_MS)));
  }

  /** Whether events need to be made for anybody. */
  get exist(): boolean {
    return this.deliveries.length > 0;
  }

  /** In events and checkpoints. */
  loads(): readonly DeliveryLoad[] {
    return this.deliveries.map(({ load }) => load);
  }

  deliver(entry: AuditRecord): void {
    for (const delivery of this.deliveries) delivery.offer((sink) => sink.receive(entry));
  }

  deliverCheckpoint(checkpoint: AuditCheckpoint): void {
    for (const delivery of this.deliveries) delivery.offer((sink) => sink.checkpoint?.(checkpoint));
  }
}
