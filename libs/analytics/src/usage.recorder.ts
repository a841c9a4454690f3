import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DATABASE_URL } from '#libs/database';
import { Problem } from '#libs/http';
import { AnalyticsConfig } from './analytics.config.js';
import { UsageProblems } from './analytics.problems.js';
import { copyRow, type UsageRecord } from './usage-record.js';
import { UsageSinks } from './usage-sink.js';
import { UsageWriter } from './usage.writer.js';

/** More make smaller batches: measured, one is the fastest where a commit takes milliseconds. */
const WRITERS = 1;
const BUFFERED_FLUSH_MS = 200;
/** How long a shutdown waits for sinks to take the last records. */
const LAST_DELIVERY_MS = 1000;

/** Records that are written together, and the one promise that all their answers wait for. */
class Batch {
  readonly rows: string[] = [];
  /** The same as `rows`, for the sinks; undefined when there are none. */
  readonly records: UsageRecord[] | undefined;
  readonly committed: Promise<void>;
  settle!: { resolve: () => void; reject: (error: unknown) => void };

  constructor(forSinks: boolean) {
    this.records = forSinks ? [] : undefined;
    this.committed = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.committed.catch(() => undefined); // nobody may be waiting, as in buffered mode
  }
}

/** What has become of usage records since the start, and how many wait. */
export interface UsageLoad {
  readonly recorded: number;
  /** Not written: answered 503 in mode `committed`, dropped in mode `buffered`. */
  readonly unrecorded: number;
  readonly waiting: number;
  readonly batches: number;
}

/**
 * Writes usage records by group commit: whatever arrives while the writers are busy shares the next COPY, so that batches
 * grow with the load and an idle server waits for nothing.
 */
@Injectable()
export class UsageRecorder implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('UsageRecorder');
  private readonly idle: UsageWriter[];
  private readonly queue: Batch[] = [];
  private readonly inFlight = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private scheduled = false;
  private waiting = 0;
  private recorded = 0;
  private unrecorded = 0;
  private batches = 0;

  constructor(
    private readonly config: AnalyticsConfig,
    private readonly sinks: UsageSinks,
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
  }

  get load(): UsageLoad {
    return { recorded: this.recorded, unrecorded: this.unrecorded, waiting: this.waiting, batches: this.batches };
  }

  /** A promise that settles with the commit, or undefined when the answer need not wait for it. */
  record(record: UsageRecord): Promise<void> | undefined {
    const durable = this.config.durability === 'committed';
    if (this.waiting >= this.config.bufferRows) {
      this.unrecorded += 1;
      return durable ? Promise.reject(unavailable('too many records wait')) : undefined;
    }
    const batch = this.openBatch();
    batch.rows.push(copyRow(record));
    batch.records?.push(record);
    this.waiting += 1;
    if (!durable) {
      if (batch.rows.length >= this.config.batchRows) this.dispatch();
      return undefined;
    }
    this.schedule();
    return batch.committed;
  }

  private openBatch(): Batch {
    const last = this.queue.at(-1);
    if (last !== undefined && last.rows.length < this.config.batchRows) return last;
    const batch = new Batch(this.sinks.exist);
    this.queue.push(batch);
    return batch;
  }

  /** Waits for the rest of this turn of the event loop: calls that are answered together are written together. */
  private schedule(): void {
    if (this.scheduled || this.idle.length === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.dispatch();
    });
  }

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

  private async write(writer: UsageWriter, batch: Batch): Promise<void> {
    const rows = batch.rows.length;
    try {
      await writer.write(batch.rows.join(''));
    } catch (err) {
      this.logger.error({ msg: 'Usage records were not written', rows, err });
      for (const failed of [batch, ...this.queue.splice(0)]) this.giveUp(failed, err); // who waits behind would wait in vain
      this.free(writer);
      return;
    }
    this.waiting -= rows;
    this.recorded += rows;
    this.batches += 1;
    this.free(writer); // before the answers, so that PostgreSQL has work while they are written
    batch.settle.resolve();
    if (batch.records !== undefined) this.sinks.deliver(batch.records);
  }

  private free(writer: UsageWriter): void {
    this.idle.push(writer);
    if (this.config.durability === 'committed') this.dispatch();
  }

  private giveUp(batch: Batch, cause: unknown): void {
    this.waiting -= batch.rows.length;
    this.unrecorded += batch.rows.length;
    batch.settle.reject(unavailable('the database did not take it', cause));
  }
}

function unavailable(why: string, cause?: unknown): Problem {
  return new Problem(UsageProblems.unavailable, {
    detail: `The usage record of this call could not be stored: ${why}.`,
    retryAfter: 1,
    cause,
  });
}
