import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { EmbeddedPostgres } from './embedded-postgres.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { locateBinaries } from './postgres-binaries.js';

describe('the embedded PostgreSQL', () => {
  let folder: string;
  let dataDir: string;
  const opened: EmbeddedPostgres[] = [];

  const embedded = (log: (line: string) => void = () => undefined): EmbeddedPostgres => {
    const server = new EmbeddedPostgres({ dataDir, log, throwaway: true });
    opened.push(server);
    return server;
  };
  const ask = async (url: string, sql: string): Promise<unknown> => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query({ text: sql, rowMode: 'array' });
      return rows[0]?.[0];
    } finally {
      await client.end();
    }
  };
  const postmasterPid = (): number => Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyward-embedded-'));
    dataDir = join(folder, 'a', 'postgres');
  });

  afterEach(async () => {
    for (const server of opened.splice(0)) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives a URL that pg and TypeORM both take, to a database named in it', async () => {
    const url = await embedded().start();
    const source = await new DataSource({ type: 'postgres', url }).initialize();

    const [row] = await source.query('select current_database() as name, current_user as role');
    await source.destroy();

    expect(row).toEqual({ name: 'keyward', role: 'keyward' });
    expect(await ask(url, 'select current_database()')).toBe('keyward');
  });

  it('listens on a private socket only, and on no TCP port', async () => {
    const url = await embedded().start();

    const socketDirectory = new URL(url).searchParams.get('host') ?? '';

    expect(statSync(socketDirectory).mode & 0o077).toBe(0);
    expect(await ask(url, 'show listen_addresses')).toBe('');
  });

  it('knows upper and lower case beyond ASCII', async () => {
    expect(await ask(await embedded().start(), `select lower('ÄÉŠ')`)).toBe('äéš');
  });

  it('keeps its data over a stop and a start', async () => {
    const first = embedded();
    await ask(await first.start(), 'create table kept as select 42 as answer');
    await first.stop();

    expect(existsSync(join(dataDir, 'postmaster.pid'))).toBe(false);
    expect(await ask(await embedded().start(), 'select answer from kept')).toBe(42);
  });

  it('is shared by all who name its folder, until the last of them stops', async () => {
    const [one, other] = [embedded(), embedded()];
    const [url, same] = await Promise.all([one.start(), other.start()]);

    await one.stop();

    expect(same).toBe(url);
    expect(await ask(url, 'select 1')).toBe(1);
    await other.stop();
    expect(existsSync(join(dataDir, 'postmaster.pid'))).toBe(false);
  });

  it('outlives a killed process, and the next one adopts it and stops it', async () => {
    const program = join(__dirname, 'scratch-server.ts');
    const arguments_ = ['--conditions=source', '--import', '@swc-node/register/esm-register', program];
    const killed = spawn(process.execPath, arguments_, {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [url] = await once(createInterface({ input: killed.stdout }), 'line');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    dataDir = String(await ask(url, 'show data_directory'));
    const next = embedded();

    expect(await next.start()).toBe(url);
    await next.stop();
    expect(existsSync(join(dataDir, 'postmaster.pid'))).toBe(false);
  });

  it('is started again when it is killed, without losing a commit', async () => {
    const lines: string[] = [];
    let restarted: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => (restarted = resolve));
    const server = new EmbeddedPostgres({
      dataDir,
      log: (line) => {
        lines.push(line);
        if (lines.filter((text) => text.includes('ready in')).length === 2) restarted();
      },
    });
    opened.push(server);
    const url = await server.start();
    await ask(url, 'create table kept as select 42 as answer');

    process.kill(postmasterPid(), 'SIGKILL');
    await ready;

    expect(lines.join('\n')).toContain('ended unexpectedly');
    expect(await ask(url, 'select answer from kept')).toBe(42);
  });

  it('is started again in its place by those who only joined it, once, when whoever launched it is gone as well', async () => {
    const program = join(__dirname, 'scratch-server.ts');
    const arguments_ = ['--conditions=source', '--import', '@swc-node/register/esm-register', program];
    const launcher = spawn(process.execPath, arguments_, {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [url] = await once(createInterface({ input: launcher.stdout }), 'line');
    dataDir = String(await ask(url, 'show data_directory'));
    const lines: string[] = [];
    const bothBack = new Promise<void>((resolve) => {
      const log = (line: string): void => {
        lines.push(line);
        if (lines.filter((text) => /^(joined|PostgreSQL \d+ ready)/.test(text)).length === 4) resolve();
      };
      void Promise.all([embedded(log).start(), embedded(log).start()]).then(() => {
        launcher.kill('SIGKILL');
        launcher.once('exit', () => process.kill(postmasterPid(), 'SIGKILL'));
      });
    });
    await bothBack;

    expect(lines.filter((line) => line.startsWith('PostgreSQL 18 ready'))).toHaveLength(1);
    expect(await ask(url, 'select 1')).toBe(1);
    for (const server of opened.splice(0)) await server.stop();
    expect(existsSync(join(dataDir, 'postmaster.pid'))).toBe(false);
  });

  it('recovers from a creation that was interrupted', async () => {
    mkdirSync(join(dataDir, 'base'), { recursive: true });
    mkdirSync(`${dataDir}.partial-999999999`);

    const url = await embedded().start();

    expect(await ask(url, 'select 1')).toBe(1);
    expect(existsSync(`${dataDir}.partial-999999999`)).toBe(false);
  });

  it('says in one line that its folder cannot be written', async () => {
    mkdirSync(join(folder, 'a'));
    writeFileSync(dataDir, 'a file where the folder should be');

    const failure = await embedded()
      .start()
      .catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(EmbeddedPostgresError);
    expect(String(failure)).toMatch(/Cannot keep the database in .*postgres \(ENOTDIR\).*DATABASE_URL/);
    expect(String(failure)).not.toContain('\n');
  });

  it('names its log when the server does not start', async () => {
    const first = embedded();
    await first.start();
    await first.stop();
    writeFileSync(join(dataDir, 'postgresql.conf'), "shared_buffers = 'nonsense'\n");

    const failure = await embedded()
      .start()
      .catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(EmbeddedPostgresError);
    expect(String(failure)).toContain(`${dataDir}.log`);
  });

  it('refuses data of another major version, and says how to move it', async () => {
    const first = embedded();
    await first.start();
    await first.stop();
    writeFileSync(join(dataDir, 'PG_VERSION'), '17\n');

    await expect(embedded().start()).rejects.toThrow(/made by PostgreSQL 17 .* PostgreSQL 18: dump it/);
  });

  it('asks for DATABASE_URL on a platform without binaries', () => {
    expect(() => locateBinaries('sunos', 'sparc')).toThrow(/No PostgreSQL binaries .*DATABASE_URL/);
    expect(() => locateBinaries('win32', 'x64')).toThrow(/WSL.*DATABASE_URL/);
  });
});
