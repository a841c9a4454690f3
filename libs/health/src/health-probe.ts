import { defineSeam, hasMethods } from '#libs/extensions';

/** What a probe found; shown to administrators in the diagnostics, never in public. */
export type ProbeDetail = Readonly<Record<string, string | number | boolean | null>>;

/** Looks at one thing without which this process cannot do its work. */
export interface Probe {
  /** Unique and public, such as `database`; one lower-case word. */
  readonly name: string;
  /**
   * `readiness`: while it fails, no traffic is sent here. `liveness`: while it fails, the process is restarted, so it must
   * look at nothing but this process; it is asked in the background.
   */
  readonly kind: 'liveness' | 'readiness';
  /** True when the service goes on without it: a failure is shown as degraded and takes nothing out of service. */
  readonly tolerated?: boolean;
  /** False leaves the probe out: what it would look at is not configured. */
  readonly enabled?: boolean;
  /** Rejects when the thing does not work. It is given little more than a second, and not asked more than once in one. */
  check(): Promise<ProbeDetail>;
}

/** Marks a provider as a Probe; it then counts in /health and in its kind's route. */
export const HealthProbe = defineSeam<Probe>(
  'HealthProbe',
  (candidate): candidate is Probe =>
    hasMethods(candidate, 'check') &&
    'name' in candidate &&
    typeof candidate.name === 'string' &&
    /^[a-z][a-z0-9_-]*$/.test(candidate.name) &&
    'kind' in candidate &&
    (candidate.kind === 'liveness' || candidate.kind === 'readiness'),
);
