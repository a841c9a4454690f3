import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { HealthIndicatorService } from '@nestjs/terminus';
import { HealthProbe } from './health-probe.js';
import { type ProbeResult, ProbeWatch } from './probe-watch.js';

const LIVENESS_EVERY_MS = 1000;

/** Every probe of the application, collected at boot. */
@Injectable()
export class Probes implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private liveness: ProbeWatch[] = [];
  private readiness: ProbeWatch[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly indicators: HealthIndicatorService,
  ) {}

  /** @throws Error when two probes have the same name. */
  onModuleInit(): void {
    const probes = HealthProbe.collect(this.discovery).filter(({ enabled }) => enabled !== false);
    const names = probes.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new Error(`Two health probes have the name ${twice}; each needs one of its own.`);
    const watches = probes.map((probe) => new ProbeWatch(probe, this.indicators));
    this.liveness = watches.filter(({ probe }) => probe.kind === 'liveness');
    this.readiness = watches.filter(({ probe }) => probe.kind === 'readiness');
  }

  /** Liveness is asked in the background, so that its route can answer at once, whatever a probe does. */
  onApplicationBootstrap(): void {
    if (this.liveness.length === 0) return;
    const ask = (): void => this.liveness.forEach((watch) => void watch.result());
    this.timer = setInterval(ask, LIVENESS_EVERY_MS).unref();
    ask();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Asks what decides over readiness; results are shared for a second. */
  askReadiness(): Promise<ProbeResult[]> {
    return Promise.all(this.readiness.map((watch) => watch.result()));
  }

  /** The liveness probes that failed when they were last asked; almost always none. */
  failedLiveness(): readonly ProbeResult[] {
    if (this.liveness.length === 0) return none;
    return this.liveness.flatMap(({ last }) => (last?.status === 'down' ? [last] : []));
  }

  /** Everything, for the diagnostics. */
  async askAll(): Promise<ProbeResult[]> {
    return Promise.all([...this.readiness, ...this.liveness].map((watch) => watch.result()));
  }
}

const none: readonly ProbeResult[] = [];
