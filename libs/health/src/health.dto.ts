import type { HealthReport, HealthStatus } from './health.service.js';
import type { ProbeResult } from './probe-watch.js';
import { version } from './release.js';

/** The process answers. */
export class AliveView {
  status: 'ok';
}

/** One probe, as the public may know it. */
export class ProbeStatusView {
  /** @example database */
  name: string;
  /** `degraded`: it fails, and the service goes on without it. */
  status: 'up' | 'degraded' | 'down';

  static of({ name, status }: ProbeResult): ProbeStatusView {
    return Object.assign(new ProbeStatusView(), { name, status });
  }
}

/** How this replica is. */
export class HealthView {
  status: 'ok' | 'degraded';
  probes: ProbeStatusView[];
  /** @example 0.1.0 */
  version: string;
  uptimeSeconds: number;
}

/** What is running here, and how it is. */
export class StatusView {
  /** @example Keyward */
  name: string;
  /** @example 0.1.0 */
  version: string;
  /** Keys of this environment are accepted; null: of all. */
  environment: string | null;
  status: 'ok' | 'degraded' | 'starting' | 'draining' | 'unavailable';

  static of(status: HealthStatus, environment: string | undefined): StatusView {
    return Object.assign(new StatusView(), { name: 'Keyward', version, environment: environment ?? null, status });
  }
}

/** The members that `/health` has in success and failure alike. */
export function healthFacts({ probes }: HealthReport): Pick<HealthView, 'probes' | 'version' | 'uptimeSeconds'> {
  return {
    probes: probes.map((probe) => ProbeStatusView.of(probe)),
    version,
    uptimeSeconds: Math.floor(process.uptime()),
  };
}
