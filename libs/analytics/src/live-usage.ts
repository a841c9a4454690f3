import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '#libs/database';
import { CommittedUsage } from './committed-usage.js';
import { LIVE_CHANNEL } from './live-board.js';
import { encodeSums } from './live-message.js';
import { type CommittedCalls, type LiveSumsByOrganization, sumsFor } from './live-sums.js';

const PUBLISH_EVERY_MS = 1000;

/** What this process has committed in the current second, and how every process hears of it; nothing when there was nothing. */
@Injectable()
export class LiveUsage implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('LiveUsage');
  private sums: LiveSumsByOrganization = new Map();
  private timer: NodeJS.Timeout | undefined;
  private publishing = false;
  private isHeard = true;

  constructor(
    private readonly database: Database,
    committed: CommittedUsage,
  ) {
    committed.subscribe(({ groups }) => this.add(groups));
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.publish(), PUBLISH_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private add(committed: Iterable<CommittedCalls>): void {
    for (const calls of committed) sumsFor(this.sums, calls.organizationId).add(calls);
  }

  /** What cannot be told is not told later: it would be shown as of another second. */
  private async publish(): Promise<void> {
    if (this.sums.size === 0 || this.publishing) return;
    const messages = encodeSums(this.sums);
    this.sums = new Map();
    this.publishing = true;
    try {
      await this.database.query('select pg_notify($1, message) from unnest($2::text[]) message', [
        LIVE_CHANNEL,
        messages,
      ]);
      this.isHeard = true;
    } catch (err) {
      if (this.isHeard) this.logger.warn({ msg: 'The calls of this second cannot be shown live', err });
      this.isHeard = false; // one line is enough
    } finally {
      this.publishing = false;
    }
  }
}
