import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { eventually } from '../support/eventually.js';
import { KeywardCommand, type Run } from '../support/keyward-command.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const newKey = (): string => `sk_old_${randomBytes(18).toString('hex')}`;
const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');

jest.setTimeout(60_000); // a run of the program takes a second, and some of these make four

describe('The command line', () => {
  let app: TestApp;
  let command: KeywardCommand;
  beforeAll(async () => {
    command = await KeywardCommand.built();
    app = await startTestApp({ KEYWARD_GUESS_ALARM: 'off' });
  }, 300_000);
  afterAll(async () => {
    await app.close();
    command.remove();
  });

  const keyward = (args: string[]): Promise<Run> => command.runHere(app, { DATABASE_URL: app.databaseUrl }, args);
  const keywardReading = (input: string, args: string[]): Promise<Run> =>
    command.run({ SECRET_KEY: process.env.SECRET_KEY, DATABASE_URL: app.databaseUrl }, args, input);
  const file = (name: string, content: string): string => {
    writeFileSync(join(command.folder, name), content);
    return name;
  };
  const answerOf = ({ stdout, stderr }: Run): any => {
    expect(stderr).toBe('');
    return JSON.parse(stdout);
  };
  const use = (key: string): Promise<any> => app.get('/profile', { key });

  describe('keys import', () => {
    it('takes a CSV file in, row by row, tells the line of each that failed, and leaves the file as it is done', async () => {
      const { email, id } = await app.user();
      const [plain, slow, quoted, last] = [newKey(), newKey(), newKey(), newKey()];
      const name = file(
        'keys.csv',
        [
          '\ufeffOwner,Scheme,Hash,Lookup,permissions,rate_limit,quota,metadata,tags,name',
          `${email},sha256,${sha256(plain)},,orders:read;orders:create,100/60,1000/day,"{""a"":1}","x,y",from before`,
          `${email},bcrypt,${await bcrypt(slow, 4)},${slow.slice(0, 12)},none,,,,,`,
          `${email},sha256,nonsense,,,,,,,`,
          '',
          `${email},sha256`,
          `"${email}",sha256,"${sha256(quoted)}",,,,,,,"two`,
          'lines"',
          `${email},sha256,${sha256(newKey())},,,,,,,,one cell too many`,
          `${email},sha256,${sha256(newKey())},,,100,,,,`,
          `${email},sha256,${sha256(newKey())},,,,,"not json",,`,
          `${email},sha256,"un"quoted,,,,,,,`,
          `${email},sha256,${sha256(last)},,,,,,,six"teen`,
        ].join('\r\n'),
      );
      const run = await keyward(['keys', 'import', '--file', name, '--results', 'out.jsonl', '--json']);
      const answer = answerOf(run);
      expect(run.exitCode).toBe(1);
      expect(answer).toMatchObject({ dryRun: false, created: 4, exists: 0, failed: 6, failuresLeftOut: 0 });
      expect(answer.failures.map(({ line }: any) => line)).toEqual([4, 6, 9, 10, 11, 12]);
      const results = readFileSync(join(command.folder, 'out.jsonl'), 'utf8').trim().split('\n');
      expect(results.map((row) => JSON.parse(row).outcome).filter((outcome) => outcome === 'created')).toHaveLength(4);
      for (const key of [plain, slow, quoted, last]) expect((await use(key)).body.id).toBe(id);
      const keyId = JSON.parse(results.find((row) => JSON.parse(row).line === 2)!).keyId;
      expect((await app.get(`/admin/api-keys/${keyId}`)).body).toMatchObject({
        name: 'from before',
        permissions: ['orders:read', 'orders:create'],
        rateLimit: { limit: 100, windowSeconds: 60 },
        quota: { limit: 1000, period: 'day' },
        metadata: { a: 1 },
        tags: ['x', 'y'],
      });
      const again = await keyward(['keys', 'import', '--file', name]);
      expect(again.stdout).toMatch(/^0 created, 4 there already, 6 failed\.\n  line 4: hash must be 32 bytes in hex/);
    });

    it('takes JSON lines from standard input, and keeps nothing of a dry run', async () => {
      const { email, id } = await app.user();
      const key = newKey();
      const row = JSON.stringify({ owner: email, scheme: 'sha256', hash: sha256(key), tags: ['a'] });
      const input = `${row}\n\n{"owner":\n[1]\n{"__proto__":{}}\n${'x'.repeat(70_000)}\n${row}`;
      const args = ['keys', 'import', '--file', '-', '--format', 'jsonl', '--json'];
      const dry = answerOf(await keywardReading(input, [...args, '--dry-run']));
      expect(dry).toMatchObject({ dryRun: true, created: 1, exists: 1, failed: 4 });
      expect((await use(key)).status).toBe(401);
      const wet = answerOf(await keywardReading(input, args));
      expect(wet).toMatchObject({ dryRun: false, created: 1, exists: 1, failed: 4 });
      expect(wet.failures.map(({ line }: any) => line)).toEqual([3, 4, 5, 6]);
      await eventually(async () => expect((await use(key)).body.id).toBe(id));
    });

    it('goes on after a batch, and tells from which on the rows cannot be told apart', async () => {
      const { email } = await app.user();
      const rows = Array.from({ length: 600 }, () => `${email},sha256,${sha256(newKey())}`);
      const name = file('torn.csv', ['owner,scheme,hash', ...rows, `"${email},sha256,x`, ...rows].join('\n'));
      const { exitCode, stderr } = await keyward(['keys', 'import', '--file', name]);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(
        /^600 rows were dealt with, then: The row of line 602 does not end .*is a quote left open\?/,
      );
      expect(stderr).toContain('They are in; the same command again leaves them and goes on.');
    });

    it.each([
      ['a file that is not there', ['--file', 'absent.csv'], /^Cannot read absent\.csv: .*Allowed: a file, or -/],
      ['a folder', ['--file', '.', '--format', 'csv'], /it is a directory/],
      ['a format that nothing tells', ['--file', '-'], /^Say --format csv or --format jsonl/],
    ])('refuses %s', async (_, args, message) => {
      const { exitCode, stderr } = await keyward(['keys', 'import', ...args]);
      expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
    });

    it('refuses an empty file, and results that it cannot write, before anything is imported', async () => {
      const empty = await keyward(['keys', 'import', '--file', file('empty.csv', '')]);
      expect([empty.exitCode, empty.stderr]).toEqual([2, 'The file is empty: its first line must name the columns.\n']);
      const { email } = await app.user();
      const name = file('one.csv', `owner,scheme,hash\n${email},sha256,${sha256(newKey())}\n`);
      const unwritten = await keyward(['keys', 'import', '--file', name, '--results', 'no/such/folder/out.jsonl']);
      expect(unwritten.exitCode).toBe(2);
      expect(unwritten.stderr).toMatch(/^Cannot write the results: .*ENOENT.*Nothing was imported\.\n$/);
    });

    it('refuses columns that it does not know, and a file without those that it needs', async () => {
      const name = file('columns.csv', 'owner,hash,colour\na@example.com,x,red\n');
      const { exitCode, stderr } = await keyward(['keys', 'import', '--file', name]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('the column "colour" is not known; the column scheme is missing');
      expect(stderr).toContain('Required: owner, scheme, hash. Allowed beside: lookup, secret');
    });
  });

  describe('users import-legacy', () => {
    it('creates users with their key, gives those who are there theirs, and repeats nothing', async () => {
      const there = await app.user();
      const [one, two, three] = [newKey(), newKey(), newKey()];
      const name = file(
        'users.csv',
        [
          'email,sha256,name,organization',
          `new1@example.com,${sha256(one).toUpperCase()},Neu,default`,
          `${there.email.toUpperCase()},${sha256(two)},Ada,`,
          `new1@example.com,${sha256(three)},,`,
          `new2@example.com,${sha256(one)},,`,
          `new3@example.com,${sha256(three)},,elsewhere`,
          `nobody,${sha256(three)},,`,
          'new4@example.com,tooshort,,',
        ].join('\n'),
      );
      const dry = answerOf(await keyward(['users', 'import-legacy', '--file', name, '--dry-run', '--json']));
      expect(dry).toMatchObject({ created: 1, completed: 1, exists: 0, failed: 5 });
      expect(await app.sql("select from users where email like 'new%'")).toEqual([]);
      const wet = answerOf(await keyward(['users', 'import-legacy', '--file', name, '--json']));
      expect(wet).toMatchObject({ created: 1, completed: 1, exists: 0, failed: 5 });
      const codes = wet.failures.map(({ line, problem }: any) => [line, problem.code]);
      expect(Object.fromEntries(codes)).toEqual({
        4: 'legacy_key.other',
        5: 'legacy_key.taken',
        6: 'request.invalid',
        7: 'request.invalid',
        8: 'request.invalid',
      });
      await eventually(async () =>
        expect((await use(one)).body).toMatchObject({ email: 'new1@example.com', name: 'Neu', roles: ['user'] }),
      );
      expect((await use(two)).body).toMatchObject({ id: there.id, name: 'Ada' });
      const again = answerOf(await keyward(['users', 'import-legacy', '--file', name, '--json']));
      expect(again).toMatchObject({ created: 0, completed: 0, exists: 2, failed: 5 });
      const [event] = await app.sql<any>("select * from audit_events where action = 'user.legacy_imported'");
      expect(event).toMatchObject({
        actor_kind: 'system',
        after: { created: [expect.any(String)], completed: [there.id] },
      });
    });

    it('reads rows without a heading from standard input', async () => {
      const key = newKey();
      const run = await keywardReading(`plain@example.com,${sha256(key)}\n`, ['users', 'import-legacy', '--file', '-']);
      expect(run).toEqual({
        exitCode: 0,
        stdout: '1 created, 0 given their key, 0 there already, 0 failed.\n',
        stderr: '',
      });
      await eventually(async () => expect((await use(key)).body.email).toBe('plain@example.com'));
    });
  });
});
