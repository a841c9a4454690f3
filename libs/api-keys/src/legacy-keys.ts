import { hash } from 'node:crypto';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { Database } from '#libs/database';
import { AccessChanges } from '#libs/permissions';

/** Whether this installation holds any legacy key: while it holds none, a credential of another form costs no query. */
@Injectable()
export class LegacyKeys implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('LegacyKeys');
  private held = true;
  private outdated = false;
  private asking: Promise<void> | undefined;
  private closing = false;

  constructor(
    private readonly database: Database,
    private readonly changes: AccessChanges,
  ) {}

  /** Assumed until the database has said otherwise, and again from the moment at which a user changes. */
  get exist(): boolean {
    return this.held;
  }

  onModuleInit(): void {
    this.changes.subscribe((change) => {
      if (change === 'all' || 'userId' in change) void this.refresh();
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.refresh();
  }

  /** A question that is on its way is answered before the connections go; none is asked after it. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    await this.asking;
  }

  /** SHA-256 (hex) of the whole key, as it stands in `users.api_key_hash`. */
  static digest(key: string): string {
    return hash('sha256', key, 'hex');
  }

  /** One question at a time: an answer that a change overtook is asked for again, and thousands of changes ask once more. */
  private async refresh(): Promise<void> {
    this.held = true;
    this.outdated = true;
    if (this.closing) return;
    this.asking ??= this.askUntilCurrent();
    await this.asking;
  }

  private async askUntilCurrent(): Promise<void> {
    while (this.outdated && !this.closing) {
      this.outdated = false;
      const held = await this.ask();
      if (!this.outdated) this.held = held;
    }
    this.asking = undefined;
  }

  private async ask(): Promise<boolean> {
    try {
      const [row] = await this.database.query<{ held: boolean }>(
        'select exists (select from users where api_key_hash is not null) as held',
      );
      return row?.held !== false;
    } catch (err) {
      this.logger.warn({ msg: 'Cannot tell whether there are legacy keys; they are looked up until it is known', err });
      return true;
    }
  }
}
