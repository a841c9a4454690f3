import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AnalyticsConfig } from './analytics.config.js';
import { Turns } from './turns.js';
import { type UsageShelf, UsageTables } from './usage-tables.repository.js';

const RUN_EVERY_MS = 600_000;
const TRY_AGAIN_MS = 30_000;
const DAYS_AHEAD = 7;
/** Whoever writes calls waits while the default is emptied: so many are moved well within the time a call may wait. */
const MOST_MOVED = 100_000;
/** By key and route there are the most rows, and hours of long ago are asked of by few. */
const MOST_KEY_ROUTE_HOUR_DAYS = 14;

/**
 * Makes a partition for each day ahead, empties the default one into proper ones, and lets go of what is older than it is to
 * be kept: it is announced first, and dropped an hour later if it is then still due. More than a tenth of all days is never
 * due at once unless a clock jumped or the retention was lowered: that is not for a job to decide.
 */
@Injectable()
export class UsageRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('UsageRetention');
  private readonly closing = new AbortController();
  private readonly turns = new Turns(1);
  private running: Promise<void> | undefined;

  constructor(
    private readonly tables: UsageTables,
    private readonly config: AnalyticsConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.keepRunning();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  /** Begins when a run that is under way has ended. */
  run(): Promise<void> {
    return this.turns.take(() => this.keepInOrder());
  }

  private async keepInOrder(): Promise<void> {
    for (const day of await this.tables.daysAhead(DAYS_AHEAD)) await this.tables.makePartition(day);
    await this.emptyDefault();
    const partitions = await this.tables.partitions(this.config.retentionDays);
    const due = partitions.filter(({ isDue, isAnnounced }) => isDue && !isAnnounced);
    if (due.length > Math.max(3, Math.ceil(partitions.length / 10))) {
      this.refuse(due.map(({ day }) => day));
      return;
    }
    for (const { day, mayGo } of partitions) if (mayGo) await this.tables.dropPartition(day);
    for (const shelf of await this.tables.shelves()) {
      await this.tables.announce(shelf, this.daysOf(shelf));
      while (!this.closing.signal.aborted && (await this.tables.deleteOld(shelf)));
    }
  }

  /** Not where it caught so much that calls would be refused meanwhile: that waits for the operator, and all else goes on. */
  private async emptyDefault(): Promise<void> {
    const days = await this.tables.daysInDefault(MOST_MOVED);
    if (days === undefined) {
      this.logger.error({
        msg: 'The default partition of usage is not emptied: it has more calls than can be moved while others are written. They count as all others do, but questions about them are slow. Set the clocks of all servers right; in a quiet hour, as the owner of the schema, run the statement in `toEmpty`',
        most: MOST_MOVED,
        toEmpty: `select usage_make_partition(day) from (select distinct (occurred_at at time zone 'UTC')::date as day from api_usage_default where occurred_at < '9999-12-31') days`,
      });
      return;
    }
    for (const day of days) await this.tables.makePartition(day);
  }

  private async keepRunning(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      const pause = await this.run().then(
        () => RUN_EVERY_MS,
        (err: unknown) => {
          this.logger.warn({ msg: 'Partitions of usage could not be kept in order, trying again', err });
          return TRY_AGAIN_MS;
        },
      );
      await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private daysOf({ view, grain }: UsageShelf): number {
    const { retentionDays, minuteDays, hourDays, dayDays } = this.config;
    if (grain === 'call') return retentionDays;
    if (grain === 'minute') return minuteDays;
    if (grain === 'day' || grain === 'week') return dayDays;
    if (view === 'key_route') return Math.min(MOST_KEY_ROUTE_HOUR_DAYS, hourDays);
    return view === 'caller' ? Math.max(retentionDays, hourDays) : hourDays; // they tell where the calls of a person are
  }

  private refuse(days: readonly string[]): void {
    const [oldest, newest] = [days.at(0), days.at(-1)];
    this.logger.error({
      msg: 'Nothing of usage is dropped: more days than expected are due at once. Either the clock of the database jumped, then set it right, or KEYWARD_USAGE_RETENTION_DAYS was lowered or the server was off for long, then run the statement in `toAllow`',
      days: days.length,
      oldest,
      newest,
      toAllow: `update usage_shelves set kept_since = date '${newest}' + 1, moved_at = 'epoch' where grain = 'call'`,
    });
  }
}
