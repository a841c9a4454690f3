import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { CommittedUsage } from './committed-usage.js';
import { UsageTables } from './usage-tables.repository.js';

const FOLD_EVERY_MS = 1000;
/** A replica without calls of its own looks for those that another one left behind. */
const LOOK_EVERY_MS = 30_000;
const MOST_GROUPS = 16_000;
const FEWEST_GROUPS = 250;

/**
 * Moves what was written into the sums, every second, in batches that the database takes in time. Nobody depends on how soon:
 * whoever reads sums adds what is not in them yet.
 */
@Injectable()
export class UsageFolding implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('UsageFolding');
  private readonly closing = new AbortController();
  private folding: Promise<void> | undefined;
  private hasNews = true;
  private lookedAt = 0;
  private most = MOST_GROUPS;
  private isFailing = false;

  constructor(
    private readonly tables: UsageTables,
    committed: CommittedUsage,
  ) {
    committed.subscribe(() => {
      this.hasNews = true;
    });
  }

  onApplicationBootstrap(): void {
    this.folding = this.keepFolding();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing.abort();
    await this.folding;
  }

  /** Folds all there is. */
  async fold(): Promise<void> {
    while ((await this.tables.fold(this.most)) === this.most && !this.closing.signal.aborted);
  }

  private async keepFolding(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      if (this.hasNews || performance.now() - this.lookedAt > LOOK_EVERY_MS) await this.attempt();
      await delay(FOLD_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async attempt(): Promise<void> {
    this.hasNews = false;
    this.lookedAt = performance.now();
    try {
      await this.fold();
      this.most = Math.min(MOST_GROUPS, this.most * 2);
      this.isFailing = false;
    } catch (err) {
      this.hasNews = true;
      this.most = Math.max(FEWEST_GROUPS, Math.floor(this.most / 2)); // it may have been more than the time-outs allow
      if (!this.isFailing) this.logger.warn({ msg: 'Usage could not be added to its sums, trying again', err });
      this.isFailing = true;
    }
  }
}
