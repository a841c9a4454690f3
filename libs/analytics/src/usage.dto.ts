import type { LatencyDistribution, UsageTotals } from './usage-question.js';

/** Milliseconds within which a share of the calls was answered; null when there were none. */
export class LatencyView {
  p50: number | null;
  p95: number | null;
  p99: number | null;

  static of(latency: LatencyDistribution): LatencyView {
    const at = (q: number): number | null => milliseconds(latency.percentile(q));
    return Object.assign(new LatencyView(), { p50: at(0.5), p95: at(0.95), p99: at(0.99) });
  }
}

/** Sums over calls. */
export class UsageSumsView {
  calls: number;
  /** Calls answered 4xx or 5xx. */
  errors: number;
  clientErrors: number;
  serverErrors: number;
  /** Bytes of the answers’ bodies. */
  bytes: number;
  latencyMs: LatencyView;
  /**
   * False where single calls are kept no more and whole minutes, hours or days stand for them, each where it begins; absent
   * where every call counts by its own time.
   */
  isExact?: boolean;

  static of(totals: UsageTotals): UsageSumsView {
    return Object.assign(new UsageSumsView(), sumsOf(totals));
  }
}

/** The members of `UsageSumsView`, for views that have them among others. */
export function sumsOf({ calls, clientErrors, serverErrors, bytes, latency, isExact }: UsageTotals): UsageSumsView {
  const errors = clientErrors + serverErrors;
  const latencyMs = LatencyView.of(latency);
  return { calls, errors, clientErrors, serverErrors, bytes, latencyMs, ...exactness([{ isExact }]) };
}

/** The member `isExact` of a view that is made of these: false when one of them is. */
export function exactness(parts: readonly Pick<UsageTotals, 'isExact'>[]): { isExact?: false } {
  return parts.some(({ isExact }) => isExact === false) ? { isExact: false } : {};
}

export function milliseconds(microseconds: number | null): number | null {
  return microseconds === null ? null : microseconds / 1000;
}
