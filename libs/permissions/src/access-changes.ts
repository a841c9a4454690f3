import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database, Notifications } from '#libs/database';

/** Whose access changed: one key's, all keys' of one user, or anybody's. */
export type AccessChange = { readonly keyId: string } | { readonly userId: string } | 'all';

const CHANNEL = 'keyward_access';

/**
 * Hears, in every process, that what somebody may do has changed. Triggers on the tables send the notifications, so that
 * no change is silent, whoever makes it and however; `publish` only spares this process the wait for its own.
 */
@Injectable()
export class AccessChanges implements OnModuleInit {
  private readonly listeners: ((change: AccessChange) => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly notifications: Notifications,
  ) {}

  onModuleInit(): void {
    this.notifications.listen(CHANNEL, {
      received: (payload) => this.tell(decode(payload)),
      interrupted: () => this.tell('all'),
    });
  }

  /** Calls `listener` at each change, and with 'all' whenever one may have been missed. */
  subscribe(listener: (change: AccessChange) => void): void {
    this.listeners.push(listener);
  }

  /** Call it in the transaction of the change: this process has heard it before the commit is reported to anyone. */
  publish(change: AccessChange): void {
    this.database.afterCommit(() => this.tell(change));
  }

  private tell(change: AccessChange): void {
    for (const listener of this.listeners) listener(change);
  }
}

function decode(payload: string): AccessChange {
  const [kind, id] = payload.split(' ');
  if (id !== undefined && kind === 'key') return { keyId: id };
  if (id !== undefined && kind === 'user') return { userId: id };
  return 'all';
}
