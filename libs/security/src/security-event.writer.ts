import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '#libs/clock';
import { Database } from '#libs/database';
import { uuidV7 } from '#libs/http';
import type { Detection, Severity } from './security-detector.js';

/** One detector's events about one subject are one event within this time. */
const WINDOW_MS = 600_000;
/** Subjects that are remembered as reported; the database remembers those that are forgotten here. */
const MAX_SUBJECTS = 10_000;
/** Detections that wait for a database that does not take them; later ones are dropped and counted. */
const MAX_WAITING = 1000;
const BATCH_ROWS = 100;
const RETRY_MS = 1000;

/** How often a detector has raised events of a severity. */
export interface RaisedEvents {
  readonly detector: string;
  readonly severity: Severity;
  readonly raised: number;
}

const insertEvents = `
  insert into security_events (id, detected_at, detector, subject, window_start, severity, title, summary, key_id, user_id,
    organization_id, address, details)
  select * from jsonb_to_recordset($1::jsonb) as event (id uuid, detected_at timestamptz, detector text, subject text,
    window_start timestamptz, severity text, title text, summary text, key_id uuid, user_id uuid, organization_id uuid,
    address text, details jsonb)
  on conflict (detector, subject, window_start) do nothing`;

/** Turns detections into rows, off the way of the calls: in batches, with bounded memory, once for each subject and window. */
@Injectable()
export class SecurityEventWriter implements BeforeApplicationShutdown {
  private readonly logger = new Logger('SecurityEvents');
  private readonly reported = new LRUCache<string, number>({ max: MAX_SUBJECTS });
  private waiting: object[] = [];
  private writing: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private dropped = 0;
  private readonly raised = new Map<string, RaisedEvents>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Takes note of a detection; it is in the database soon, and told in the log at once. */
  raise(detector: string, detection: Detection): void {
    const now = this.clock.now();
    const windowStart = Math.floor(now.getTime() / WINDOW_MS) * WINDOW_MS;
    const { subject, severity, title, summary } = detection;
    const handle = `${detector} ${subject}`;
    if (this.reported.get(handle) === windowStart) return;
    this.reported.set(handle, windowStart);
    this.count(detector, severity);
    this.logger.warn({ msg: 'Security event', detector, severity, title, summary, subject });
    if (this.waiting.length >= MAX_WAITING) {
      this.dropped += 1;
      return;
    }
    this.waiting.push({
      id: uuidV7(now.getTime()),
      detected_at: now,
      detector,
      subject: subject.slice(0, 200),
      window_start: new Date(windowStart),
      severity,
      title,
      summary,
      key_id: detection.keyId ?? null,
      user_id: detection.userId ?? null,
      organization_id: detection.organizationId ?? null,
      address: detection.address ?? null,
      details: detection.details ?? {},
    });
    if (this.retry === undefined) this.write();
  }

  /** What was raised since the start. */
  counts(): readonly RaisedEvents[] {
    return [...this.raised.values()];
  }

  /** Tries once more before the database connections go; what it does not take then is lost, but for its line in the log. */
  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.retry);
    await this.writing;
    if (this.waiting.length > 0) this.write();
    await this.writing;
  }

  private count(detector: string, severity: Severity): void {
    const handle = `${detector} ${severity}`;
    const before = this.raised.get(handle)?.raised ?? 0;
    this.raised.set(handle, { detector, severity, raised: before + 1 });
  }

  private write(): void {
    this.writing ??= this.writeAll().finally(() => (this.writing = undefined));
  }

  private async writeAll(): Promise<void> {
    this.retry = undefined;
    try {
      while (this.waiting.length > 0) {
        const batch = this.waiting.slice(0, BATCH_ROWS);
        await this.database.query(insertEvents, [JSON.stringify(batch)]);
        this.waiting = this.waiting.slice(batch.length);
      }
      if (this.dropped > 0)
        this.logger.error({ msg: 'Security events were dropped while the database was away', dropped: this.dropped });
      this.dropped = 0;
    } catch (err) {
      this.logger.error({ msg: 'Security events were not written, trying again', waiting: this.waiting.length, err });
      this.retry = setTimeout(() => this.write(), RETRY_MS).unref();
    }
  }
}
