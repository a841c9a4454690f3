import { LatencyHistogram } from './latency-histogram.js';

/** Calls that were committed together and are alike: what a batch of usage records consists of. */
export interface CommittedCalls {
  readonly organizationId: string | null;
  readonly apiKeyId: string | null;
  readonly statusCode: number;
  readonly calls: number;
  readonly latency: LatencyHistogram;
}

/** The calls of a moment, of one organization. */
export class LiveSums {
  calls = 0;
  clientErrors = 0;
  serverErrors = 0;
  readonly latency = new LatencyHistogram();
  /** Calls by the key's id. */
  readonly byKey = new Map<string, number>();

  add({ apiKeyId, statusCode, calls, latency }: CommittedCalls): void {
    this.calls += calls;
    if (statusCode >= 500) this.serverErrors += calls;
    else if (statusCode >= 400) this.clientErrors += calls;
    this.latency.merge(latency);
    if (apiKeyId !== null) this.count(apiKeyId, calls);
  }

  merge(other: LiveSums): void {
    this.calls += other.calls;
    this.clientErrors += other.clientErrors;
    this.serverErrors += other.serverErrors;
    this.latency.merge(other.latency);
    for (const [key, calls] of other.byKey) this.count(key, calls);
  }

  count(key: string, calls: number): void {
    this.byKey.set(key, (this.byKey.get(key) ?? 0) + calls);
  }

  /** The keys with most calls, most first. */
  topKeys(most: number): [key: string, calls: number][] {
    return [...this.byKey].toSorted(([, a], [, b]) => b - a).slice(0, most);
  }
}

/** By organization; null: of calls whose caller is not known. */
export type LiveSumsByOrganization = Map<string | null, LiveSums>;

/** The sums of an organization, made where there are none yet. */
export function sumsFor(sums: LiveSumsByOrganization, organizationId: string | null): LiveSums {
  const known = sums.get(organizationId);
  if (known !== undefined) return known;
  const made = new LiveSums();
  sums.set(organizationId, made);
  return made;
}
