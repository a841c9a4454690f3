import { Injectable } from '@nestjs/common';
import { Problem, type ProblemDefinition } from '#libs/http';
import { HealthProblems } from './health.problems.js';
import { Probes } from './probes.js';
import type { ProbeResult } from './probe-watch.js';
import { Shutdown } from './shutdown.js';
import { Startup } from './startup.js';

/** How the process is as a whole; `unavailable` is the one state in which it wants no traffic because of a fault. */
export type HealthStatus = 'ok' | 'degraded' | 'starting' | 'draining' | 'unavailable';

export interface HealthReport {
  readonly status: HealthStatus;
  readonly probes: readonly ProbeResult[];
}

const unavailable: Readonly<Partial<Record<HealthStatus, ProblemDefinition>>> = {
  starting: HealthProblems.starting,
  draining: HealthProblems.draining,
  unavailable: HealthProblems.notReady,
};

/** Decides whether this process is started, alive and ready. */
@Injectable()
export class HealthService {
  constructor(
    private readonly probes: Probes,
    private readonly startup: Startup,
    private readonly shutdown: Shutdown,
  ) {}

  async report(): Promise<HealthReport> {
    const probes = await this.probes.askReadiness();
    return { status: this.phase() ?? verdict(probes), probes };
  }

  /** @throws Problem with `members` unless this process wants traffic. */
  assertServing({ status, probes }: HealthReport, members: Readonly<Record<string, unknown>> = {}): void {
    const definition = unavailable[status];
    if (definition === undefined) return;
    const failing = probes.flatMap((probe) => (probe.status === 'down' ? [probe.name] : []));
    throw new Problem(definition, { members: { ...members, failing }, retryAfter: 1 });
  }

  /** @throws Problem health.not_ready, health.starting or health.draining */
  async assertReady(): Promise<void> {
    const phase = this.phase(); // known without asking anything
    this.assertServing(phase === undefined ? await this.report() : { status: phase, probes: [] });
  }

  /** @throws Problem health.starting */
  assertStarted(): void {
    if (!this.startup.isFinished) throw new Problem(HealthProblems.starting, { retryAfter: 1 });
  }

  /** @throws Problem health.not_live when a liveness probe failed; no dependency is looked at. */
  assertAlive(): void {
    const failed = this.probes.failedLiveness();
    if (failed.length > 0)
      throw new Problem(HealthProblems.notLive, { members: { failing: failed.map(({ name }) => name) } });
  }

  private phase(): 'starting' | 'draining' | undefined {
    if (this.shutdown.draining) return 'draining';
    return this.startup.isFinished ? undefined : 'starting';
  }
}

function verdict(probes: readonly ProbeResult[]): HealthStatus {
  if (probes.some(({ status }) => status === 'down')) return 'unavailable';
  return probes.some(({ status }) => status === 'degraded') ? 'degraded' : 'ok';
}
