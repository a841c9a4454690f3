import pg from 'pg';
import { AuditLog } from '#libs/audit';
import { Principal } from '#libs/access';
import type { AuditCheckpoint } from '../../libs/audit/src/chain/checkpoint.js';
import { signCheckpoint } from '../../libs/audit/src/chain/checkpoint.js';
import { chainHead } from '../../libs/audit/src/chain/stored-events.js';
import { verifyStored } from '../../libs/audit/src/chain/verification.js';
import { asking, chainKeys, verifyTable } from '../support/audit-chain.js';
import { mulberry32, tamper } from '../support/tampering.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

// `npm run test:tampering` takes ten times as many
const HONEST_EVENTS = Number(process.env.KEYWARD_TEST_HONEST_EVENTS ?? 1000);
const TAMPERINGS = Number(process.env.KEYWARD_TEST_TAMPERINGS ?? 100);
const SEED = Number(process.env.KEYWARD_TEST_SEED ?? 20_261_122);
const ROWS_TO_TAMPER_WITH = 120;

const systemOf = (name: string): Principal => Principal.system(name);
const entry = (at: number) => ({
  actor: systemOf(`worker ${at % 7}`),
  action: at % 2 === 0 ? 'thing.done' : 'thing.undone',
  target: { type: 'thing', id: `${at}` },
  organizationId: null,
  ...(at % 3 === 0 ? { before: { at, nested: { z: [at / 7], ä: null } } } : {}),
  ...(at % 5 === 0 ? { after: { text: `=${at} "quoted" €`, at: new Date(at) } } : {}),
});

/** On a machine that is busy with more than this, a change may be refused or cut off, and is made again. */
async function recorded(log: AuditLog, at: number): Promise<boolean> {
  return log.record(entry(at)).then(
    () => true,
    () => false,
  );
}

describe('the audit log', () => {
  let app: TestApp;
  let db: pg.Client;
  beforeAll(async () => {
    app = await startTestApp();
    db = new pg.Client(app.databaseUrl);
    await db.connect();
  });
  afterAll(async () => {
    await db.end();
    await app.close();
  });

  async function* given(checkpoints: readonly AuditCheckpoint[]) {
    yield* checkpoints;
  }

  it(`names the first wrong row of each of ${TAMPERINGS} tamperings`, async () => {
    const log = app.app.get(AuditLog);
    const signed: AuditCheckpoint[] = [];
    const keys = chainKeys();
    for (let at = 0; at < ROWS_TO_TAMPER_WITH; at++) {
      await log.record(entry(at));
      if (at % 40 !== 0 && at !== ROWS_TO_TAMPER_WITH - 1) continue;
      const head = await chainHead(asking(db));
      signed.push(signCheckpoint(keys, { ...head, kind: 'head' }, new Date()));
    }
    const publicKeys = [keys.publicKey];
    const rows = (await chainHead(asking(db))).position;
    const random = mulberry32(SEED);
    const kinds = new Map<string, number>();
    const wrong: unknown[] = [];
    for (let round = 0; round < TAMPERINGS; round++) {
      await db.query('begin');
      const { what, firstWrong, isPublic } = await tamper(db, rows, random);
      const withKeys = await verifyStored(asking(db), { keys, publicKeys, checkpoints: given(signed) });
      const without = await verifyStored(asking(db), { publicKeys, checkpoints: given(signed) });
      await db.query('rollback');
      kinds.set(what, (kinds.get(what) ?? 0) + 1);
      const { fault } = withKeys;
      // a row without a place has no position to be named by
      const named = fault?.position ?? (fault?.kind === 'inserted' ? rows + 1 : null);
      if (named !== firstWrong) wrong.push({ round, what, firstWrong, fault });
      const open = without.fault;
      const from = open?.position ?? (open?.kind === 'inserted' ? rows + 1 : Infinity);
      if (isPublic && !(from <= firstWrong && firstWrong <= (open?.until ?? from)))
        wrong.push({ round, what, firstWrong, withoutKeys: open });
    }
    expect(wrong).toEqual([]);
    if (TAMPERINGS >= 1000) process.stderr.write(`${JSON.stringify(Object.fromEntries(kinds), null, 1)}\n`);
    expect((await verifyTable(db)).fault).toBeNull();
  }, 600_000);

  it(`raises no false alarm over ${HONEST_EVENTS} events that two replicas write under load`, async () => {
    const other = await startTestApp({}, app.databaseUrl);
    const jobs = Array.from({ length: HONEST_EVENTS }, (_, at) => at).values();
    const before = (await chainHead(asking(db))).position;
    const lookAfter = Math.ceil(HONEST_EVENTS / 8);
    const watcher = new pg.Client(app.databaseUrl);
    await watcher.connect();
    const look = async (): Promise<void> => {
      await watcher.query('begin transaction isolation level repeatable read');
      expect((await verifyTable(watcher)).fault).toBeNull();
      await watcher.query('commit');
    };
    const work = async (replica: TestApp): Promise<void> => {
      const log = replica.app.get(AuditLog);
      for (const at of jobs) {
        while (!(await recorded(log, at)));
        if (at % lookAfter === 0) await look();
      }
    };
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 16 }, (_, at) => work(at % 2 === 0 ? app : other)));
    const seconds = (performance.now() - startedAt) / 1000;
    await watcher.end();
    expect((await verifyTable(db)).fault).toBeNull();
    const { rows } = await db.query<{ events: number }>(
      'select count(distinct target_id)::int as events from audit_events where position > $1',
      [before],
    );
    expect(rows).toEqual([{ events: HONEST_EVENTS }]);
    if (HONEST_EVENTS >= 10_000) process.stderr.write(`${Math.round(HONEST_EVENTS / seconds)} events/s\n`);
    await other.close();
  }, 600_000);
});
