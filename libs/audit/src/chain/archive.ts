import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { type AuditCheckpoint, signCheckpoint } from './checkpoint.js';
import { CheckpointFile } from './checkpoint-file.js';
import type { ChainKeys } from './chain-keys.js';
import type { ChainFault } from './chain-fault.js';
import type { ChainPoint } from './chained-event.js';
import { eventLine } from './event-lines.js';
import { verifyAuditFile } from './offline.js';
import { type Ask, chainHead, type ChainHead, storedEvents } from './stored-events.js';

/** What was moved out of the table. */
export interface ArchivedSegment {
  readonly events: number;
  readonly from: number;
  readonly to: number;
  /** The events, one JSON document a line. */
  readonly file: string;
  /** The signed word for where the file begins and ends. */
  readonly checkpoints: string;
}

/** Nothing was deleted; the message says why. */
export class ArchiveRefused extends Error {
  override readonly name = 'ArchiveRefused';
}

/** The last of the rows that all of what is older than a time consists of; the chain is cut between two rows. */
const cutBefore = `
  select coalesce(min(position) - 1, (select position from audit_chain))::text as position
  from audit_events where occurred_at >= $1`;

/**
 * Moves the events before a time out of the table into a file of `folder`. First the file is written, read again, held
 * against the chain and its MACs, and on the disk; only then are the rows deleted and the beginning of the table moved, in
 * one transaction that holds the head of the chain for its last moment only. Killed before that, it has changed nothing,
 * and can be run again. `url` must be the owner's: the server may not delete. Resolves to undefined when nothing is so old.
 * @throws ArchiveRefused when what is to be archived does not verify
 */
export async function archiveAuditLog(
  url: string,
  keys: ChainKeys,
  { before, folder }: { before: Date; folder: string },
): Promise<ArchivedSegment | undefined> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'keyward audit',
    connectionTimeoutMillis: 5000,
  });
  client.on('error', () => undefined); // whatever it is, the query under way fails with it
  await client.connect();
  const ask: Ask = async (sql, values) => (await client.query(sql, values)).rows;
  try {
    await ask(`select pg_advisory_lock(hashtextextended('keyward audit archive', 0))`, []);
    const head = await chainHead(ask);
    const [cut] = await ask<{ position: string }>(cutBefore, [before]);
    const until = Number(cut?.position ?? 0);
    if (until <= head.base.position) return undefined;
    const segment = await written(ask, keys, head, until, folder);
    await removed(client, segment.end, head.base);
    return segment.archived;
  } finally {
    await client.end();
  }
}

async function written(
  ask: Ask,
  keys: ChainKeys,
  head: ChainHead,
  until: number,
  folder: string,
): Promise<{ archived: ArchivedSegment; end: AuditCheckpoint }> {
  const { base, installation } = head;
  const name = join(folder, `audit-${base.position + 1}-${until}`);
  const [file, checkpoints, draft] = [`${name}.jsonl`, `${name}.checkpoints.jsonl`, `${name}.jsonl.partial`];
  await mkdir(folder, { recursive: true });
  await writeEvents(ask, { after: base.position, until }, draft);
  const { fault, events, from, to } = await verifyAuditFile(draft, { publicKeys: [], keys });
  const wrong = fault ?? endFault(base, from, to, until);
  if (wrong !== undefined) {
    await rm(draft);
    throw new ArchiveRefused(`Nothing was archived: row ${wrong.position} is wrong (${wrong.kind}). ${wrong.detail}`);
  }
  const end = signCheckpoint(keys, { ...to, installation, kind: 'archive' }, new Date());
  await rm(checkpoints, { force: true });
  const signed = new CheckpointFile(checkpoints);
  if (base.checkpoint !== null) await signed.append(base.checkpoint);
  await signed.append(end);
  await rename(draft, file);
  await syncFolder(dirname(file));
  return { archived: { events, from: base.position + 1, to: until, file, checkpoints }, end };
}

async function writeEvents(ask: Ask, range: { after: number; until: number }, path: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    for await (const events of storedEvents(ask, range)) await file.writeFile(events.map(eventLine).join(''));
    await file.sync();
  } finally {
    await file.close();
  }
}

function endFault(base: ChainPoint, from: ChainPoint, to: ChainPoint, until: number): ChainFault | undefined {
  if (from.position !== base.position || from.hash !== base.hash)
    return { kind: 'missing', position: base.position + 1, id: null, detail: 'It is not the first of the table.' };
  if (to.position === until) return undefined;
  return { kind: 'missing', position: to.position + 1, id: null, detail: `Rows up to ${until} were expected.` };
}

/** The rows and the word for them go together, or stay together. */
async function removed(client: pg.Client, end: AuditCheckpoint, base: ChainPoint): Promise<void> {
  await client.query('begin');
  await client.query('delete from audit_events where position <= $1', [end.position]);
  const { rowCount } = await client.query(
    `update audit_chain set base_position = $1, base_hash = decode($2, 'hex'), base_checkpoint = $3
     where base_position = $4`,
    [end.position, end.hash, JSON.stringify(end), base.position],
  );
  if (rowCount !== 1) throw new ArchiveRefused('Somebody else has archived meanwhile; nothing was deleted.');
  await client.query('commit');
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
