import { LatencyHistogram } from './latency-histogram.js';
import { callColumns, durationUs, MOST_BYTES, type UsageRecord } from './usage-record.js';

const MINUTE_MS = 60_000;

/** The calls of one batch that differ in nothing but their time within a minute, duration, size and who sent them. */
export interface UsageGroup {
  /** When the minute begins, in milliseconds since the epoch. */
  readonly minute: number;
  readonly apiKeyId: string | null;
  readonly userId: string | null;
  readonly organizationId: string | null;
  readonly method: string;
  /** The template that matched; null when no route did. */
  readonly route: string | null;
  readonly statusCode: number;
  readonly calls: number;
  /** Of the bodies of the answers. */
  readonly bytes: number;
  readonly durationUs: number;
  readonly latency: LatencyHistogram;
}

/** When the minute of a time begins, both in milliseconds since the epoch. */
export function minuteOf(at: number): number {
  return at - (at % MINUTE_MS);
}

/** A group that calls are added to, with their rows for COPY, which begin with what they have in common. */
export class OpenGroup implements UsageGroup {
  readonly apiKeyId: string | null;
  readonly userId: string | null;
  readonly organizationId: string | null;
  readonly method: string;
  readonly route: string | null;
  readonly statusCode: number;
  calls = 0;
  bytes = 0;
  durationUs = 0;
  private readonly rows: string[] = [];
  private readonly bins: number[] = [];
  private histogram: LatencyHistogram | undefined;

  /** `next`: another group of the same caller. */
  constructor(
    readonly minute: number,
    { apiKeyId, userId, organizationId, method, route, statusCode }: UsageRecord,
    readonly next: OpenGroup | undefined,
  ) {
    this.apiKeyId = apiKeyId;
    this.userId = userId;
    this.organizationId = organizationId;
    this.method = method;
    this.route = route;
    this.statusCode = statusCode;
  }

  /** Whether a call of the same caller belongs here. */
  takes(minute: number, record: UsageRecord): boolean {
    return (
      this.statusCode === record.statusCode &&
      this.route === record.route &&
      this.minute === minute &&
      this.method === record.method &&
      this.apiKeyId === record.apiKeyId &&
      this.userId === record.userId &&
      this.organizationId === record.organizationId
    );
  }

  add(record: UsageRecord): void {
    const us = durationUs(record.durationMs);
    this.calls += 1;
    this.bytes += Math.min(MOST_BYTES, record.responseBytes);
    this.durationUs += us;
    this.bins.push(LatencyHistogram.binOf(us));
    this.rows.push(callColumns(record, us));
  }

  get latency(): LatencyHistogram {
    return (this.histogram ??= LatencyHistogram.ofBins(this.bins));
  }

  /** One row for every call, each behind `prefix`. */
  callRows(prefix: string): string {
    return prefix + this.rows.join(prefix);
  }
}
