import { setTimeout as delay } from 'node:timers/promises';
import { claimDataDirectory, ensureCluster, unwritable } from './database-cluster.js';
import { EmbeddedPostgresError, reasonOf } from './embedded-postgres.error.js';
import { locateBinaries } from './postgres-binaries.js';
import {
  answersAt,
  EMBEDDED_ROLE,
  endOf,
  ensureDatabase,
  ensureLogin,
  findPostmaster,
  type Postmaster,
} from './postmaster.js';
import { ServerHolders } from './server-holders.js';
import { launchServer, ServerStillClosing } from './server-launcher.js';
import { choosePrivilege } from './server-privilege.js';
import { claimSocketDirectory, releaseSocketDirectory, socketDirectoryOf } from './socket-directory.js';

export interface EmbeddedPostgresOptions {
  /** The data folder; beside it stand `<dataDir>.log` and `<dataDir>.holders`. */
  readonly dataDir: string;
  /** The database to make and name in the URL. */
  readonly database?: string;
  /** A role to make that may log in and owns nothing; what it may do is for the owner of the database to say. */
  readonly login?: string;
  readonly log?: (line: string) => void;
  /** Gives up safety in a crash for speed; only for data that may be lost. */
  readonly throwaway?: boolean;
}

const LONGEST_WAIT_MS = 30_000;
/** A server that ends more often than this would only end again. */
const MOST_RESTARTS_A_MINUTE = 3;

/**
 * A real PostgreSQL server of this installation's own, reached through a socket in a private folder and never by TCP.
 * Processes that name the same folder share one server; the last to stop, or to exit, takes it down.
 */
export class EmbeddedPostgres {
  private readonly database: string;
  private readonly login: string | undefined;
  private readonly log: (line: string) => void;
  private readonly throwaway: boolean;
  private dataDir: string;
  private holders: ServerHolders | undefined;
  private starting: Promise<string> | undefined;
  /** Where the URL says that the server is: whoever starts it again, with another TMPDIR perhaps, does so there. */
  private place: string | undefined;
  private restarts: number[] = [];
  private restarting: Promise<void> | undefined;
  private readonly onExit = (): void => this.leaveAtExit();

  constructor(options: EmbeddedPostgresOptions) {
    this.dataDir = options.dataDir;
    this.database = options.database ?? 'keyward';
    this.login = options.login;
    this.log = options.log ?? (() => undefined);
    this.throwaway = options.throwaway ?? false;
  }

  /**
   * Creates, starts or joins the server and resolves to its URL, which `pg` and TypeORM both take.
   * Throws EmbeddedPostgresError, whose message says what to do.
   */
  start(): Promise<string> {
    this.starting ??= this.open().catch((error: unknown) => {
      this.starting = undefined;
      throw error;
    });
    return this.starting;
  }

  /** Leaves the server, and stops it when nobody else uses it. May be called twice. */
  async stop(): Promise<void> {
    await this.starting?.catch(() => undefined);
    await this.restarting; // or it would launch a server that nobody holds any more
    const last = this.leave();
    this.starting = undefined;
    if (last) await this.shutDown();
  }

  private async open(): Promise<string> {
    this.dataDir = claimDataDirectory(this.dataDir);
    const holders = new ServerHolders(this.dataDir);
    try {
      holders.join();
    } catch (error) {
      throw unwritable(this.dataDir, error);
    }
    this.holders = holders;
    process.once('exit', this.onExit);
    try {
      const { socketDirectory } = await this.reach();
      this.place = socketDirectory;
      await ensureDatabase(socketDirectory, this.database);
      if (this.login !== undefined) await ensureLogin(socketDirectory, this.login);
      const query = new URLSearchParams({ host: socketDirectory });
      return `postgres://${EMBEDDED_ROLE}@localhost/${encodeURIComponent(this.database)}?${query.toString()}`;
    } catch (error) {
      if (this.leave()) await this.shutDown();
      throw error;
    }
  }

  /** Joins the server that runs, or launches one; a server that is just closing or opening is waited for. */
  private async reach(): Promise<Postmaster> {
    const deadline = performance.now() + LONGEST_WAIT_MS;
    for (;;) {
      const running = findPostmaster(this.dataDir);
      if (running?.ready && (await answersAt(running.socketDirectory))) {
        this.log(`joined the PostgreSQL server that already runs for ${this.dataDir}`);
        void this.watch(endOf(running));
        return running;
      }
      try {
        return await this.launch();
      } catch (error) {
        if (!(error instanceof ServerStillClosing)) throw error;
        if (performance.now() > deadline) {
          throw new EmbeddedPostgresError(
            `Another PostgreSQL server holds ${this.dataDir} and does not answer (${error.message}): end it, or read ${this.dataDir}.log.`,
          );
        }
        await delay(250);
      }
    }
  }

  private async launch(): Promise<Postmaster> {
    const began = performance.now();
    const binaries = locateBinaries();
    const privilege = choosePrivilege(binaries.directory, this.dataDir);
    const cluster = await ensureCluster(this.dataDir, binaries, privilege, this.throwaway);
    if (cluster === 'created') this.log(`created an empty database in ${this.dataDir}`);
    const socketDirectory = this.place ?? socketDirectoryOf(this.dataDir);
    claimSocketDirectory(socketDirectory, privilege);
    const server = await launchServer({
      dataDir: this.dataDir,
      binaries: binaries.directory,
      privilege,
      socketDirectory,
      throwaway: this.throwaway,
    });
    const milliseconds = Math.round(performance.now() - began);
    this.log(`PostgreSQL ${binaries.major} ready in ${milliseconds} ms (${privilege.kind}), data in ${this.dataDir}`);
    void this.watch(server.ended);
    return server;
  }

  /**
   * A server that dies under us is started again, whoever launched it: the pool reconnects to the same socket. Of several
   * who do so at once one succeeds, and the others join.
   */
  private async watch(ended: Promise<void>): Promise<void> {
    const { holders } = this;
    await ended;
    if (!holders || this.holders !== holders) return;
    const now = performance.now();
    this.restarts = [...this.restarts.filter((time) => now - time < 60_000), now];
    if (this.restarts.length > MOST_RESTARTS_A_MINUTE) {
      this.log(`PostgreSQL ended again and again and stays down; read ${this.dataDir}.log, then start again`);
      return;
    }
    this.log(`PostgreSQL ended unexpectedly and is started again; read ${this.dataDir}.log`);
    this.restarting = this.reach().then(
      () => undefined,
      (error: unknown) => this.log(reasonOf(error)),
    );
  }

  /** True when this was the last holder. */
  private leave(): boolean {
    process.off('exit', this.onExit);
    const holders = this.holders;
    this.holders = undefined;
    return holders?.leave() ?? false;
  }

  /** Nothing can be awaited here; the server closes its files by itself. */
  private leaveAtExit(): void {
    if (!this.leave()) return;
    const server = findPostmaster(this.dataDir);
    if (server) process.kill(server.pid, 'SIGINT');
  }

  private async shutDown(): Promise<void> {
    const server = findPostmaster(this.dataDir);
    if (!server) {
      releaseSocketDirectory(this.place ?? socketDirectoryOf(this.dataDir));
      return;
    }
    process.kill(server.pid, 'SIGINT'); // PostgreSQL's fast shutdown: ends sessions, keeps every commit
    const deadline = performance.now() + LONGEST_WAIT_MS;
    while (findPostmaster(this.dataDir)?.pid === server.pid) {
      if (performance.now() > deadline) {
        process.kill(server.pid, 'SIGQUIT');
        return;
      }
      await delay(20);
    }
    releaseSocketDirectory(server.socketDirectory);
  }
}
