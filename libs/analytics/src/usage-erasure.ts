import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { ApiKeyRepository } from '#libs/api-keys';
import { Database } from '#libs/database';
import { Cursors, type Position } from '#libs/http';
import { HoldsPersonalData, type PersonalDataHolder, type PersonalDataPart } from '#libs/users';
import { PersonalUsage } from './personal-usage.read-model.js';

const LOOK_EVERY_MS = 30_000;

/**
 * The usage records of a user. Erasing takes addresses and user agents out of them and leaves the rest, so that sums stay
 * right. There may be millions: they are noted with the erasure and worked off behind it, in batches, until nothing that
 * was under way then can still arrive; any replica goes on where one stopped.
 */
@HoldsPersonalData()
@Injectable()
export class UsageErasure implements PersonalDataHolder, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly section = 'usage';
  private readonly logger = new Logger('UsageErasure');
  private readonly closing = new AbortController();
  private working: Promise<void> | undefined;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly usage: PersonalUsage,
    private readonly keys: ApiKeyRepository,
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  onApplicationBootstrap(): void {
    this.looking = this.look();
  }

  /** A batch that is under way is finished; the rest is done after the next start. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing.abort();
    await this.looking;
    await this.working;
  }

  async exportOf(userId: string, limit: number, after: string | undefined): Promise<PersonalDataPart> {
    const list = `usage of ${userId}`;
    const position = after === undefined ? undefined : this.cursors.open(list, after);
    const { calls, searchedTo } = await this.usage.calls(userId, await this.keys.idsOf(userId), limit + 1, position);
    const shown = calls.slice(0, limit);
    const last = calls.length > limit ? shown.at(-1) : undefined;
    const end: Position | undefined = last !== undefined ? [last.at, last.requestId] : before(searchedTo);
    const next = end === undefined ? null : this.cursors.seal(list, end);
    return { items: shown.map(({ at, ...call }) => call), next };
  }

  async eraseOf(userId: string): Promise<void> {
    await this.usage.noteErasure(userId);
    this.database.afterCommit(() => void this.work());
  }

  /** Works off what is noted; whoever calls meanwhile waits for the same. */
  work(): Promise<void> {
    this.working ??= this.workOff().finally(() => {
      this.working = undefined;
    });
    return this.working;
  }

  private async look(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      await this.work();
      await delay(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async workOff(): Promise<void> {
    try {
      for (const { userId, isSettled } of await this.usage.pendingErasures()) {
        await this.usage.stripOf(await this.keys.idsOf(userId), () => !this.closing.signal.aborted);
        await this.stripWithoutKey(userId);
        if (isSettled && !this.closing.signal.aborted) await this.usage.erasureCompleted(userId);
      }
    } catch (err) {
      this.logger.warn({ msg: 'Usage records of erased users still hold addresses; it is tried again', err });
    }
  }

  private async stripWithoutKey(userId: string): Promise<void> {
    let from: Position | undefined;
    do from = await this.usage.stripWithoutKey(userId, from);
    while (from !== undefined && !this.closing.signal.aborted);
  }
}

/** Behind every call at or after a time. */
function before(time: string | null): Position | undefined {
  return time === null ? undefined : [time, ''];
}
