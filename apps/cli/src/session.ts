import type { INestApplicationContext, LoggerService } from '@nestjs/common';
import { DiscoveryService, NestFactory } from '@nestjs/core';
import { Principal } from '#libs/access';
import {
  assertUsable,
  type DatabaseInUse,
  migrateUp,
  migrationStatus,
  openDatabase,
  readInstallation,
} from '#libs/database';
import { TranslatesErrors } from '#libs/http';
import { createPino, LogConfig, PinoLogger } from '#libs/log';
import { CliModule } from './cli.module.js';
import { CommandRefused } from './command-failure.js';
import { ExitCode } from './exit-code.js';

/** Who the audit log says it was. */
export const commandLine = Principal.system('command line');

/** One run of one command: the installation's database, and the application on it for the commands that need it. */
export class Session {
  private app: INestApplicationContext | undefined;

  private constructor(
    private readonly database: DatabaseInUse,
    private readonly logger: LoggerService,
  ) {}

  /** Reads the configuration as the server does. @throws ConfigError, DatabaseUnusable, EmbeddedPostgresError */
  static async open(): Promise<Session> {
    const config = readInstallation();
    const logger = stderrLogger();
    const database = await openDatabase(config, (line) => logger.log(line, 'Database'));
    const session = new Session(database, logger);
    try {
      await assertUsable(database.ownerUrl);
    } catch (error) {
      await session.close();
      throw error;
    }
    return session;
  }

  /** The database as whoever may change its schema; for commands about the schema itself. */
  get ownerUrl(): string {
    return this.database.ownerUrl;
  }

  /**
   * The application without its HTTP side, on a schema that fits it; an empty database is given its schema first.
   * @throws CommandRefused when migrations are pending on a database that is in use
   */
  async application(): Promise<INestApplicationContext> {
    if (this.app !== undefined) return this.app;
    await this.assertMigrated();
    const { url } = await this.database.connectServer();
    this.app = await NestFactory.createApplicationContext(CliModule.forDatabase(url), {
      logger: this.logger,
      abortOnError: false,
    });
    return this.app;
  }

  /** What `error` means, where a feature knows it; else the error itself. */
  meaningOf(error: unknown): unknown {
    if (this.app === undefined) return error;
    const translators = TranslatesErrors.collect(this.app.get(DiscoveryService, { strict: false }));
    for (const translator of translators) {
      const problem = translator.translate(error);
      if (problem !== undefined) return problem;
    }
    return error;
  }

  async close(): Promise<void> {
    try {
      await this.app?.close();
    } finally {
      await this.database.release();
    }
  }

  private async assertMigrated(): Promise<void> {
    const { applied, pending } = await migrationStatus(this.ownerUrl);
    if (pending.length === 0 || applied.length === 0) {
      await migrateUp(this.ownerUrl); // the server's role may be missing although no migration is
      return;
    }
    throw new CommandRefused(
      `The database lacks ${pending.length === 1 ? 'a migration' : `${pending.length} migrations`} that this version needs: ` +
        `${pending.join(', ')}.\nRun \`keyward migrate up\`, or start the server, which does the same.`,
      ExitCode.installation,
    );
  }
}

/** Standard output belongs to the answer. Below a warning nothing is said unless LOG_LEVEL asks for it. */
function stderrLogger(): PinoLogger {
  const { level } = new LogConfig();
  return new PinoLogger(createPino({ level: process.env.LOG_LEVEL ? level : 'warn' }, process.stderr.isTTY, 2));
}
