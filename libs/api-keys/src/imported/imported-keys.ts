import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { Database, Notifications } from '#libs/database';
import { ImportSecrets } from './import-secrets.js';
import type { KeyLocators } from './key-locators.js';

const CHANNEL = 'keyward_imports';
const RETRY_MS = 1000;

/**
 * Whether this installation holds imported keys, and how they are found: while it holds none, a credential of another
 * form costs nothing. A trigger tells every process of new ones.
 */
@Injectable()
export class ImportedKeys implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('ImportedKeys');
  private current: KeyLocators | undefined;
  private outdated = false;
  private asking: Promise<void> | undefined;
  private closing = false;
  private retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly notifications: Notifications,
    private readonly secrets: ImportSecrets,
  ) {}

  /** Undefined while none are held, as far as this process has heard. */
  get locators(): KeyLocators | undefined {
    return this.current;
  }

  onModuleInit(): void {
    const refresh = (): void => void this.refresh();
    this.notifications.listen(CHANNEL, { received: refresh, interrupted: refresh });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.refresh();
  }

  /** A question that is on its way is answered before the connections go; none is asked after it. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    clearTimeout(this.retry);
    await this.asking;
  }

  /** Resolves once all that was committed before the call is known; any number of calls meanwhile ask once more. */
  async refresh(): Promise<void> {
    this.outdated = true;
    if (this.closing) return;
    this.asking ??= this.askUntilCurrent();
    await this.asking;
  }

  private async askUntilCurrent(): Promise<void> {
    while (this.outdated && !this.closing) {
      this.outdated = false;
      await this.ask();
    }
    this.asking = undefined;
  }

  /** What was known stays while the database cannot say, and it is asked again. */
  private async ask(): Promise<void> {
    try {
      const [row] = await this.database.query<{ held: boolean }>('select exists (select from imported_keys) as held');
      this.current = row?.held === true ? await this.secrets.locators() : undefined;
    } catch (err) {
      this.logger.warn({ msg: 'Cannot tell which imported keys there are; those known before work on', err });
      clearTimeout(this.retry);
      if (!this.closing) this.retry = setTimeout(() => void this.refresh(), RETRY_MS).unref();
    }
  }
}
