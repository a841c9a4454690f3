import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type AccessObserver, ObservesAccess, type Principal } from '#libs/access';
import { Database } from '#libs/database';
import type { RequestContext } from '#libs/http';

const FLUSH_EVERY_MS = 5000;

/** When each key was last used: kept in memory, written in one statement every few seconds rather than at every call. */
@ObservesAccess()
@Injectable()
export class LastUsedTracker implements AccessObserver, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('LastUsedTracker');
  private readonly pending = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly database: Database) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), FLUSH_EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  admitted(principal: Principal, call: RequestContext): void {
    if (principal.keyId !== null) this.used(principal.keyId, call.arrivedAt);
  }

  /** `at` in milliseconds since the epoch. */
  used(keyId: string, at: number): void {
    this.pending.set(keyId, at);
  }

  /** The later of what is stored and what this process has seen since. */
  latest(key: { readonly id: string; readonly lastUsedAt: Date | null }): Date | null {
    const seen = this.pending.get(key.id);
    return seen === undefined || (key.lastUsedAt !== null && key.lastUsedAt.getTime() > seen)
      ? key.lastUsedAt
      : new Date(seen);
  }

  private async flush(): Promise<void> {
    if (this.pending.size === 0) return;
    const batch = new Map(this.pending);
    try {
      await this.database.query(
        `update api_keys k set last_used_at = greatest(k.last_used_at, to_timestamp(used.at / 1000.0))
         from unnest($1::uuid[], $2::float8[]) as used (id, at) where k.id = used.id`,
        [[...batch.keys()], [...batch.values()]],
      );
      for (const [id, at] of batch) if (this.pending.get(id) === at) this.pending.delete(id);
    } catch (err) {
      this.logger.warn({ msg: 'Cannot store when keys were last used, trying again later', keys: batch.size, err });
    }
  }
}
