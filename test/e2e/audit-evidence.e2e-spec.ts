import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { archiveAuditLog, AuditLog, ChainKeys, CheckpointWriter, verifyAuditFile, verifyAuditTable } from '#libs/audit';
import { Principal } from '#libs/access';
import { SecretKeys } from '#libs/secrets';
import { chainKeys } from '../support/audit-chain.js';
import { KeywardCommand, type Run } from '../support/keyward-command.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const SECRET_KEY = 'a secret for tests that is long enough';
const ROWS = 60;

describe('evidence outside the database', () => {
  let app: TestApp;
  let command: KeywardCommand;
  let checkpoints: string;
  let publicKey: string;

  /** As an auditor runs it: with nothing of the installation. */
  const verify = (...args: string[]): Promise<Run> => command.run({}, ['audit', 'verify', ...args]);
  const evidence = (): string[] => ['--checkpoint', checkpoints, '--public-key', publicKey];
  const verifyHere = (...args: string[]): Promise<Run> => command.runHere(app, {}, ['audit', 'verify', ...args]);
  const onInstallation = (...args: string[]): Promise<Run> => {
    const environment = { SECRET_KEY, DATABASE_URL: app.databaseUrl, KEYWARD_AUDIT_CHECKPOINTS: checkpoints };
    return command.runHere(app, environment, ['audit', ...args]);
  };
  const record = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at++)
      await app.app.get(AuditLog).record({
        actor: Principal.system('evidence spec'),
        action: 'thing.done',
        target: { type: 'thing', id: `${at}` },
        organizationId: null,
        after: { at },
      });
  };
  const exported = async (): Promise<string> => {
    const path = join(command.folder, `export-${Math.random()}.jsonl`);
    writeFileSync(path, (await app.get('/admin/logs/export?format=jsonl')).text);
    return path;
  };
  const lines = (): string[] => readFileSync(checkpoints, 'utf8').trimEnd().split('\n');

  beforeAll(async () => {
    command = await KeywardCommand.built();
    checkpoints = join(command.folder, 'kept', 'checkpoints.jsonl');
    app = await startTestApp({ KEYWARD_AUDIT_CHECKPOINTS: checkpoints });
    await record(ROWS / 2);
    await app.app.get(CheckpointWriter).write();
    await record(ROWS / 2);
    await app.app.get(CheckpointWriter).write();
    publicKey = (
      await command.run({ SECRET_KEY, DATABASE_URL: 'postgres://nowhere' }, ['audit', 'public-key'])
    ).stdout.trim();
  }, 180_000);
  afterAll(async () => {
    await app.close();
    command.remove();
  });

  describe('a checkpoint', () => {
    it('is written once for each state of the chain, signed by the key that the installation shows', async () => {
      expect(lines()).toHaveLength(2);
      expect(await app.app.get(CheckpointWriter).write()).toBeUndefined();
      expect(lines()).toHaveLength(2);
      expect(JSON.parse(lines()[1]!)).toMatchObject({ kind: 'head', publicKey });
      expect((await app.get('/admin/logs/verify')).body.publicKey).toBe(publicKey);
    });

    it('is not lost when the one before it was cut off by a crash', async () => {
      appendFileSync(checkpoints, '{"position":5,"ha');
      await record(1);
      await app.app.get(CheckpointWriter).write();
      expect(lines()).toHaveLength(3);
      expect((await verifyAuditTable(app.databaseUrl, { publicKeys: [publicKey], checkpoints })).fault).toBeNull();
    });

    it('is not signed over what somebody slipped in or changed', async () => {
      const [{ position } = { position: 0 }] = await app.sql<{ position: number }>(
        'select max(position)::int as position from audit_events',
      );
      await record(2);
      await app.sql(`update audit_events set action = 'thing.other' where position = $1`, [position + 1]);
      await expect(app.app.get(CheckpointWriter).write()).rejects.toMatchObject({
        fault: { kind: 'altered', position: position + 1 },
      });
      expect(lines()).toHaveLength(3);
      await app.sql(`update audit_events set action = 'thing.done' where position = $1`, [position + 1]);
      expect(await app.app.get(CheckpointWriter).write()).toMatchObject({ position: position + 2 });
    });
  });

  describe('keyward audit verify', () => {
    it('finds an export and the table to be whole, without the installation', async () => {
      const file = await verify('--file', await exported(), ...evidence());
      expect(file).toMatchObject({ exitCode: 0, stderr: '' });
      expect(file.stdout).toMatch(/^\d+ events, 1 to \d+, and \d checkpoints are as they were written\./);
      const table = await verify('--database', app.databaseUrl, ...evidence(), '--json');
      expect(JSON.parse(table.stdout)).toMatchObject({ valid: true, fault: null, isStartProven: true });
    });

    it('names the row of a file that was altered, and ends with 1', async () => {
      const path = await exported();
      const rows = readFileSync(path, 'utf8').trimEnd().split('\n');
      writeFileSync(path, `${rows.with(20, rows[20]!.replace('thing.done', 'thing.gone')).join('\n')}\n`);
      const altered = await verifyHere('--file', path);
      expect(altered.exitCode).toBe(1);
      expect(altered.stdout).toMatch(
        /^WRONG: altered at row 21 \([0-9a-f-]{36}\)\. Row 21 is not what its hash was made of\./,
      );
    });

    it('finds what is missing from a file, and a cut tail by the checkpoint', async () => {
      const path = await exported();
      const rows = readFileSync(path, 'utf8').trimEnd().split('\n');
      writeFileSync(path, `${rows.toSpliced(30, 1).join('\n')}\n`);
      expect((await verifyAuditFile(path, { publicKeys: [] })).fault).toMatchObject({ kind: 'missing', position: 31 });
      writeFileSync(path, `${rows.slice(0, 40).join('\n')}\n`);
      expect((await verifyAuditFile(path, { publicKeys: [] })).fault).toBeNull();
      const { fault } = await verifyAuditFile(path, { publicKeys: [publicKey], checkpoints });
      expect(fault).toMatchObject({ kind: 'tail_cut', position: 41 });
    });

    it('takes no last line for verified that does not end, and says when no checkpoint was there', async () => {
      const path = await exported();
      appendFileSync(path, readFileSync(path, 'utf8').split('\n')[0]!);
      const torn = await verifyHere('--file', path);
      expect([torn.exitCode, torn.stdout]).toEqual([1, '']);
      expect(torn.stderr).toContain('does not end');
      const none = join(command.folder, 'none.jsonl');
      writeFileSync(none, '');
      const unproven = await verifyHere('--file', await exported(), '--checkpoint', none, '--public-key', publicKey);
      expect(unproven.stdout).toContain('There is no checkpoint in what was given');
    });

    it('believes no checkpoint that another key signed, or that was changed', async () => {
      const other = new ChainKeys(new SecretKeys({ current: 'x'.repeat(40), previous: undefined })).publicKey;
      const foreign = await verifyAuditTable(app.databaseUrl, { publicKeys: [other], checkpoints });
      expect(foreign.fault).toMatchObject({ kind: 'checkpoint_invalid' });
      const changed = join(command.folder, 'changed.jsonl');
      for (const [member, value] of Object.entries({
        position: 1,
        hash: '00',
        at: '2020-01-01T00:00:00.000Z',
        kind: 'archive',
      })) {
        writeFileSync(changed, `${JSON.stringify({ ...JSON.parse(lines()[0]!), [member]: value })}\n`);
        const found = await verifyAuditTable(app.databaseUrl, { publicKeys: [publicKey], checkpoints: changed });
        expect({ member, kind: found.fault?.kind }).toEqual({ member, kind: 'checkpoint_invalid' });
      }
    });

    it('says what is wrong with how it was called', async () => {
      const missing = await verifyHere('--file', '/no/such/file');
      const key = await verifyHere('--file', checkpoints, '--public-key', 'x');
      expect([missing.exitCode, key.exitCode]).toEqual([2, 2]);
      const folder = await verifyHere('--file', command.folder);
      expect([folder.exitCode, folder.stderr]).toEqual([2, `${command.folder} is a folder. Allowed: a file.\n`]);
      const nowhere = await verifyHere('--database', 'postgres://127.0.0.1:1/keyward');
      expect([nowhere.exitCode, nowhere.stderr]).toEqual([
        3,
        expect.stringMatching(/^The database at .* cannot be used/),
      ]);
      const intoFile = await onInstallation('archive', '--before', '2020-01-01', '--to', checkpoints);
      expect([intoFile.exitCode, intoFile.stderr]).toEqual([
        2,
        expect.stringMatching(/^--to .* is a file\. Allowed: a folder/),
      ]);
      await expect(verifyAuditFile(checkpoints, { publicKeys: [] })).rejects.toThrow(/^Line 1 of/);
    });
  });

  describe('keyward audit archive', () => {
    const inFolder = (): string => join(command.folder, 'archive');

    it('moves what is old into a file that verifies, and leaves a table that verifies behind it', async () => {
      const [cut] = await app.sql<{ at: Date; position: string }>(
        'select occurred_at as at, position from audit_events where position = 30',
      );
      const { exitCode, stderr, stdout } = await onInstallation(
        'archive',
        '--before',
        cut!.at.toISOString(),
        '--to',
        inFolder(),
        '--json',
      );
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      const { archived } = JSON.parse(stdout);
      expect(archived.to).toBeLessThan(30);
      const given = { publicKeys: [publicKey] };
      const file = await verifyAuditFile(archived.file, { ...given, checkpoints: archived.checkpoints });
      expect(file).toMatchObject({ fault: null, events: archived.to, isStartProven: true });
      const table = await verifyAuditTable(app.databaseUrl, { ...given, checkpoints });
      expect(table).toMatchObject({ fault: null, isStartProven: true, from: { position: archived.to } });
      const [{ rows } = { rows: 0 }] = await app.sql<{ rows: number }>(
        'select min(position)::int as rows from audit_events',
      );
      expect(rows).toBe(archived.to + 1);
      expect((await app.get('/admin/logs/verify')).body).toMatchObject({ valid: true, archivedPosition: archived.to });
      await record(1);
      expect(await app.app.get(CheckpointWriter).write()).toMatchObject({ kind: 'head' });
    });

    const soon = (): Date => new Date(Date.now() + 3_600_000);
    const archive = (before: Date) => archiveAuditLog(app.databaseUrl, chainKeys(), { before, folder: inFolder() });

    it('goes on where the last archive ended, and the files follow each other', async () => {
      const archived = (await archive(soon()))!;
      const whole = join(command.folder, 'whole.jsonl');
      const parts = readdirSync(inFolder()).filter((name) => /\d\.jsonl$/.test(name));
      const inOrder = parts.toSorted((a, b) => Number(a.split('-')[1]) - Number(b.split('-')[1]));
      writeFileSync(whole, inOrder.map((name) => readFileSync(join(inFolder(), name), 'utf8')).join(''));
      const found = await verifyAuditFile(whole, { publicKeys: [publicKey], checkpoints: archived.checkpoints });
      expect(found).toMatchObject({ fault: null, events: archived.to, checkpoints: 2 });
      expect((await app.get('/admin/logs/verify')).body).toMatchObject({ valid: true });
      expect(await archive(new Date(0))).toBeUndefined();
    });

    it('deletes nothing when what it would archive is not what was written', async () => {
      await record(5);
      const [{ first } = { first: 0 }] = await app.sql<{ first: number }>(
        'select min(position)::int as first from audit_events',
      );
      await app.sql(`update audit_events set address = '192.0.2.1' where position = $1`, [first + 2]);
      await expect(archive(soon())).rejects.toThrow(`row ${first + 2} is wrong (altered)`);
      expect(readdirSync(inFolder()).filter((name) => name.endsWith('.partial'))).toEqual([]);
      await app.sql(`update audit_events set address = null where position = $1`, [first + 2]);
      expect((await app.get('/admin/logs/verify')).body).toMatchObject({ valid: true });
    });

    it('changes nothing when it is cut off before the end, and can be run again, by two at once', async () => {
      await app.sql(
        `create function stop() returns trigger language plpgsql as $$ begin raise exception 'cut off'; end $$`,
      );
      await app.sql(
        'create trigger stop before update of base_position on audit_chain for each row execute function stop()',
      );
      await expect(archive(soon())).rejects.toThrow('cut off');
      await app.sql('drop trigger stop on audit_chain');
      expect((await app.get('/admin/logs/verify')).body).toMatchObject({ valid: true, events: 5 });
      const before = soon();
      const both = await Promise.all([archive(before), archive(before)]);
      expect(both.filter((segment) => segment !== undefined)).toMatchObject([{ events: 5 }]);
      expect((await app.get('/admin/logs/verify')).body).toMatchObject({ valid: true, events: 0 });
      await record(1);
      expect((await app.get('/admin/logs/verify')).body).toMatchObject({ valid: true, events: 1 });
    });

    it('cannot be imitated by somebody who deletes', async () => {
      await record(3);
      await app.sql('delete from audit_events where position <= (select base_position + 2 from audit_chain)');
      await app.sql(`update audit_chain set base_position = base_position + 2,
        base_hash = (select sha256('') from audit_events limit 1)`);
      expect((await app.get('/admin/logs/verify')).body).toMatchObject({ valid: false, fault: { kind: 'missing' } });
    });
  });
});
