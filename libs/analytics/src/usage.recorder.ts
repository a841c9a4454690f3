import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DATABASE_URL } from '#libs/database';
import { Problem } from '#libs/http';
import { RepeatedLines } from '#libs/log';
import { AnalyticsConfig } from './analytics.config.js';
import { UsageProblems } from './analytics.problems.js';
import { CommittedUsage } from './committed-usage.js';
import { LatencyHistogram } from './latency-histogram.js';
import { UsageBatch } from './usage-batch.js';
import type { UsageRecord } from './usage-record.js';
import { UsageSinks } from './usage-sink.js';
import { UsageWriter } from './usage.writer.js';

/** More make smaller batches: measured, one is the fastest where a commit takes milliseconds. */
const WRITERS = 1;
const BUFFERED_FLUSH_MS = 200;
/** How long a shutdown waits for sinks to take the last records. */
const LAST_DELIVERY_MS = 1000;

/** What has become of usage records since the start, and how many wait. */
export interface UsageLoad {
  readonly recorded: number;
  /** Not written: answered 503 in mode `committed`, dropped in mode `buffered`. */
  readonly unrecorded: number;
  readonly waiting: number;
  readonly batches: number;
  /** The most records that were written together. */
  readonly largestBatch: number;
  /** From the first record of a batch until its COPY was sent. */
  readonly waitMs: UsageTimes;
  /** From then until PostgreSQL had committed it. */
  readonly commitMs: UsageTimes;
}

/** Times of all batches since the start, in milliseconds; null before the first. */
export interface UsageTimes {
  readonly p50: number | null;
  readonly p99: number | null;
}

/**
 * Writes usage records by group commit: whatever arrives while the writers are busy shares the next COPY, so that batches
 * grow with the load and an idle server waits for nothing.
 */
@Injectable()
export class UsageRecorder implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly faults = new RepeatedLines(new Logger('UsageRecorder'));
  private readonly idle: UsageWriter[];
  private readonly queue: UsageBatch[] = [];
  private readonly inFlight = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private scheduled = false;
  private waiting = 0;
  private recorded = 0;
  private unrecorded = 0;
  private batches = 0;
  private largestBatch = 0;
  private readonly waits = new LatencyHistogram();
  private readonly commits = new LatencyHistogram();

  constructor(
    private readonly config: AnalyticsConfig,
    private readonly sinks: UsageSinks,
    private readonly committed: CommittedUsage,
    @Inject(DATABASE_URL) url: string,
  ) {
    this.idle = Array.from({ length: WRITERS }, () => new UsageWriter(url));
  }

  onApplicationBootstrap(): void {
    if (this.config.durability === 'buffered')
      this.timer = setInterval(() => this.dispatch(), BUFFERED_FLUSH_MS).unref();
  }

  /** Writes what is left before the connections go. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    while (this.waiting > 0 || this.inFlight.size > 0) {
      this.dispatch();
      await Promise.allSettled(this.inFlight);
    }
    await Promise.all(this.idle.map((writer) => writer.close()));
    await this.sinks.settled(LAST_DELIVERY_MS);
    this.faults.flush();
  }

  get load(): UsageLoad {
    const { recorded, unrecorded, waiting, batches, largestBatch } = this;
    const [waitMs, commitMs] = [timesOf(this.waits), timesOf(this.commits)];
    return { recorded, unrecorded, waiting, batches, largestBatch, waitMs, commitMs };
  }

  /** A promise that settles with the commit, or undefined when the answer need not wait for it. */
  record(record: UsageRecord): Promise<void> | undefined {
    const durable = this.config.durability === 'committed';
    if (this.waiting >= this.config.bufferRows) {
      this.unrecorded += 1;
      return durable ? Promise.reject(unavailable('too many records wait')) : undefined;
    }
    const batch = this.openBatch();
    batch.add(record);
    this.waiting += 1;
    if (!durable) {
      if (batch.size >= this.config.batchRows) this.dispatch();
      return undefined;
    }
    this.schedule(batch);
    return batch.committed;
  }

  private openBatch(): UsageBatch {
    const last = this.queue.at(-1);
    if (last !== undefined && last.size < this.config.batchRows) return last;
    const batch = new UsageBatch(this.sinks.exist);
    this.queue.push(batch);
    return batch;
  }

  /** Waits for the rest of this turn of the event loop, or as long as configured: calls that come meanwhile are written together. */
  private schedule({ size }: UsageBatch): void {
    const { maxWaitMs, batchRows } = this.config;
    const isFull = size >= batchRows;
    if ((this.scheduled && !isFull) || this.idle.length === 0) return;
    this.scheduled = true;
    if (maxWaitMs === 0 || isFull) setImmediate(this.flush);
    else setTimeout(this.flush, maxWaitMs);
  }

  private readonly flush = (): void => {
    this.scheduled = false;
    this.dispatch();
  };

  private dispatch(): void {
    while (this.queue.length > 0) {
      const writer = this.idle.pop();
      if (writer === undefined) return;
      const batch = this.queue.shift();
      if (batch === undefined) return;
      const writing = this.write(writer, batch).finally(() => this.inFlight.delete(writing));
      this.inFlight.add(writing);
    }
  }

  private async write(writer: UsageWriter, batch: UsageBatch): Promise<void> {
    const rows = batch.size;
    const startedAt = performance.now();
    try {
      await writer.write(batch);
    } catch (err) {
      this.faults.error({ msg: 'Usage records were not written', rows, err });
      for (const failed of [batch, ...this.queue.splice(0)]) this.giveUp(failed, err); // who waits behind would wait in vain
      this.free(writer);
      return;
    }
    this.waiting -= rows;
    this.recorded += rows;
    this.batches += 1;
    this.largestBatch = Math.max(this.largestBatch, rows);
    const waitMs = startedAt - batch.openedAt;
    const commitMs = performance.now() - startedAt;
    this.waits.add(microseconds(waitMs));
    this.commits.add(microseconds(commitMs));
    this.free(writer); // before the answers, so that PostgreSQL has work while they are written
    batch.settle.resolve();
    if (batch.records !== undefined) this.sinks.deliver(batch.records);
    this.committed.tell({ groups: batch.groups, calls: rows, waitMs, commitMs });
  }

  private free(writer: UsageWriter): void {
    this.idle.push(writer);
    if (this.config.durability === 'committed') this.dispatch();
  }

  private giveUp(batch: UsageBatch, cause: unknown): void {
    this.waiting -= batch.size;
    this.unrecorded += batch.size;
    batch.settle.reject(unavailable('the database did not take it', cause));
  }
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000);
}

function timesOf(histogram: LatencyHistogram): UsageTimes {
  const ms = (q: number): number | null => {
    const us = histogram.percentile(q);
    return us === null ? null : Math.round(us) / 1000;
  };
  return { p50: ms(0.5), p99: ms(0.99) };
}

function unavailable(why: string, cause?: unknown): Problem {
  return new Problem(UsageProblems.unavailable, {
    detail: `The usage record of this call could not be stored: ${why}.`,
    retryAfter: 1,
    cause,
  });
}
