import pg from 'pg';
import { CheckpointFile, wholeLines } from './checkpoint-file.js';
import type { ChainKeys } from './chain-keys.js';
import type { ChainedEvent } from './chained-event.js';
import { parseEventLine } from './event-lines.js';
import { type StoredVerification, type Verification, verifyEvents, verifyStored } from './verification.js';

/** What somebody who does not trust the server has in hand. */
export interface OfflineEvidence {
  readonly publicKeys: readonly string[];
  /** Path of the checkpoints. */
  readonly checkpoints?: string;
  /** With them, every MAC is checked. */
  readonly keys?: ChainKeys;
  /** The file was exported with filters: rows may be absent between others. */
  readonly partial?: boolean;
}

/** A line of the file is no audit event; the message says which. */
export class NotAnAuditFile extends Error {
  override readonly name = 'NotAnAuditFile';
}

/** Verifies a file of JSON lines, as `/admin/logs/export` and the archive write it. Needs neither server nor database. */
export function verifyAuditFile(path: string, evidence: OfflineEvidence): Promise<Verification> {
  return verifyEvents(eventsOf(path), walkEvidence(evidence));
}

/** Verifies the table of a database, in one snapshot of it; it needs no more than SELECT. */
export async function verifyAuditTable(url: string, evidence: OfflineEvidence): Promise<StoredVerification> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'keyward audit',
    connectionTimeoutMillis: 5000,
  });
  client.on('error', () => undefined); // whatever it is, the query under way fails with it
  await client.connect();
  try {
    await client.query('begin transaction isolation level repeatable read, read only');
    return await verifyStored(async (sql, values) => (await client.query(sql, values)).rows, walkEvidence(evidence));
  } finally {
    await client.end();
  }
}

function walkEvidence({ checkpoints, ...given }: OfflineEvidence): Parameters<typeof verifyStored>[1] {
  const evidence = { ...given, mustProveStart: given.publicKeys.length > 0 };
  return checkpoints === undefined ? evidence : { ...evidence, checkpoints: new CheckpointFile(checkpoints).read() };
}

/** The events of a file. @throws NotAnAuditFile */
async function* eventsOf(path: string): AsyncGenerator<ChainedEvent[], void> {
  let number = 0;
  const torn = (): never => {
    throw new NotAnAuditFile(
      `The last line of ${path}, line ${number + 1}, does not end: the file was cut off in it, or somebody wrote there. ` +
        'Export again from the line before; or take it away to verify the others.',
    );
  };
  for await (const line of wholeLines(path, torn)) {
    number++;
    const event = parseEventLine(line);
    if (event === undefined)
      throw new NotAnAuditFile(
        `Line ${number} of ${path} is no audit event as \`/admin/logs/export?format=jsonl\` writes it.`,
      );
    yield [event];
  }
}
