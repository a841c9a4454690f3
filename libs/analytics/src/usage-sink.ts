import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { BoundedDelivery, type DeliveryLoad, defineSeam, hasMethods } from '#libs/extensions';
import type { UsageRecord } from './usage-record.js';

/** Takes usage somewhere else: a warehouse, a bill, a counter. */
export interface UsageReceiver {
  /**
   * The records of one batch, once they are committed, in batches one after the other. Nothing waits for it: an error is
   * logged, and what a slow receiver leaves waiting beyond 50,000 records is dropped. Records that may not have been
   * committed are left out, so the table `api_usage` has the last word.
   */
  receive(records: readonly UsageRecord[]): void | Promise<void>;
}

/** Marks a provider as a UsageReceiver. */
export const UsageSink = defineSeam<UsageReceiver>('UsageSink', (candidate): candidate is UsageReceiver =>
  hasMethods(candidate, 'receive'),
);

const MOST_WAITING_RECORDS = 50_000;

/** Every usage sink of the application. */
@Injectable()
export class UsageSinks implements OnModuleInit {
  private deliveries: readonly BoundedDelivery<readonly UsageRecord[]>[] = [];

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    this.deliveries = UsageSink.collect(this.discovery).map(
      (sink) =>
        new BoundedDelivery({
          to: sink.constructor.name,
          receive: (records) => sink.receive(records),
          limit: MOST_WAITING_RECORDS,
          sizeOf: ({ length }) => length,
        }),
    );
  }

  /** Whether records need to be kept for anybody. */
  get exist(): boolean {
    return this.deliveries.length > 0;
  }

  /** In records. */
  loads(): readonly DeliveryLoad[] {
    return this.deliveries.map(({ load }) => load);
  }

  deliver(records: readonly UsageRecord[]): void {
    for (const delivery of this.deliveries) delivery.offer(records);
  }

  async settled(withinMs: number): Promise<void> {
    await Promise.all(this.deliveries.map((delivery) => delivery.settled(withinMs)));
  }
}
