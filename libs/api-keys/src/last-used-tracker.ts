import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type AccessObserver, type Judgement, ObservesAccess, type Principal } from '#libs/access';
import { Database } from '#libs/database';
import type { RequestContext } from '#libs/http';

const FLUSH_EVERY_MS = 5000;

/** When a key was last used and from where, as far as it is known. */
export interface LastUse {
  readonly lastUsedAt: Date | null;
  readonly lastUsedAddress: string | null;
}

/** The latest use of a key since it was stored. */
interface Use {
  /** Milliseconds since the epoch. */
  at: number;
  address: string | null;
  isSent: boolean;
}

/**
 * When each key was last used and from where: kept in memory, written in one statement every few seconds rather than at every
 * call. A key that was erased meanwhile has no address any more and gets none.
 */
@ObservesAccess()
@Injectable()
export class LastUsedTracker implements AccessObserver, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('LastUsedTracker');
  private readonly uses = new Map<string, Use>();
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
    if (principal.keyId !== null) this.used(principal.keyId, call.arrivedAt, call.clientAddress);
  }

  /** A key that passes at the door of another service is used there. */
  judged({ problem, caller, address }: Judgement, call: RequestContext): void {
    if (problem === null && caller.keyId !== null) this.used(caller.keyId, call.arrivedAt, address);
  }

  /** `at` in milliseconds since the epoch; an address that is not known leaves the one before. */
  private used(keyId: string, at: number, address: string | null): void {
    const use = this.uses.get(keyId);
    if (use === undefined) {
      this.uses.set(keyId, { at, address, isSent: false });
      return;
    }
    use.at = at;
    use.address = address ?? use.address;
    use.isSent = false;
  }

  /** The later of what is stored and what this process has seen since. */
  latest(key: LastUse & { readonly id: string }): LastUse {
    const seen = this.uses.get(key.id);
    if (seen === undefined || (key.lastUsedAt !== null && key.lastUsedAt.getTime() > seen.at)) return key;
    return { lastUsedAt: new Date(seen.at), lastUsedAddress: seen.address ?? key.lastUsedAddress };
  }

  private async flush(): Promise<void> {
    const batch = [...this.uses].map(([id, { at, address }]) => ({ id, at, address }));
    if (batch.length === 0) return;
    for (const use of this.uses.values()) use.isSent = true; // what comes while they are written is stored the next time
    try {
      await this.database.query(
        `update api_keys k set last_used_at = used.at,
           last_used_address = case when u.erased_at is null then coalesce(used.address, k.last_used_address) end
         from (select id, to_timestamp(at / 1000.0) as at, address from unnest($1::uuid[], $2::float8[], $3::inet[]) as n (id, at, address)) used, users u
         where k.id = used.id and u.id = k.owner_id and (k.last_used_at is null or k.last_used_at <= used.at)`,
        [batch.map(({ id }) => id), batch.map(({ at }) => at), batch.map(({ address }) => address)],
      );
      for (const [id, { isSent }] of this.uses) if (isSent) this.uses.delete(id);
    } catch (err) {
      this.logger.warn({ msg: 'Cannot store when keys were last used, trying again later', keys: batch.length, err });
    }
  }
}
