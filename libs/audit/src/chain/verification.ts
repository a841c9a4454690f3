import type { ChainFault } from './chain-fault.js';
import { ChainWalk, type WalkEvidence } from './chain-walk.js';
import { isSignedByOneOf } from './checkpoint.js';
import { CHAIN_BEGINNING, type ChainedEvent, type ChainPoint } from './chained-event.js';
import { type Ask, type ChainHead, chainHead, type EventCondition, storedEvents } from './stored-events.js';

/** What was verified, and the first thing that is wrong. */
export interface Verification {
  readonly fault: ChainFault | null;
  /** Events that were right. */
  readonly events: number;
  /** Where the walk began and how far it came. */
  readonly from: ChainPoint;
  readonly to: ChainPoint;
  /** Signed checkpoints that were met. */
  readonly checkpoints: number;
  /** Events whose MAC is of a key that was not given: of a former SECRET_KEY. */
  readonly unknownMacs: number;
  /** Whether what came before `from` is vouched for: there is nothing, or a checkpoint says so. */
  readonly isStartProven: boolean;
}

/** Of a table: with the head of its chain. */
export interface StoredVerification extends Verification {
  readonly head: ChainHead;
}

/** Verifies events that come one after the other, such as those of a file. `start`: absent, the first event is believed. */
export async function verifyEvents(
  batches: AsyncIterable<readonly ChainedEvent[]>,
  evidence: WalkEvidence,
  start?: ChainPoint,
): Promise<Verification> {
  const events = oneByOne(batches);
  try {
    const first = await events.next();
    const from = start ?? startOf(first.done === true ? undefined : first.value);
    const walk = new ChainWalk(from, evidence);
    const early = await walk.begin();
    const isStartProven = from.position === 0 || walk.isSigned;
    const fault = early ?? (await follow(walk, first, events)) ?? (await walk.end());
    return { ...outcome(walk, from), isStartProven, fault: fault ?? null };
  } finally {
    await events.return(undefined);
  }
}

/**
 * Verifies the table, or the part of it behind `after` and up to `until`, as of now. Memory does not grow with it.
 * `conditions`: only such events, each by itself.
 */
export async function verifyStored(
  ask: Ask,
  evidence: WalkEvidence,
  part: { after?: ChainPoint; until?: number; conditions?: readonly EventCondition[] } = {},
): Promise<StoredVerification> {
  const head = await chainHead(ask);
  const from = part.after ?? head.base;
  const until = Math.min(part.until ?? head.position, head.position);
  const reachesHead = until === head.position && evidence.partial !== true;
  const range = { after: from.position, until, conditions: part.conditions };
  const knowsMacs = await isKnownMac(ask, from.position, evidence);
  const walk = new ChainWalk({ position: from.position, hash: from.hash }, evidence, knowsMacs);
  const events = oneByOne(storedEvents(ask, range));
  const base = part.after === undefined ? baseOf(head, evidence) : {};
  const fault =
    (await walk.begin()) ??
    base.fault ??
    (await follow(walk, await events.next(), events)) ??
    (evidence.partial === true ? undefined : cutFault(walk.last, until)) ??
    (reachesHead ? headFault(walk.last, head) : undefined) ??
    (reachesHead ? await walk.end() : undefined);
  return { ...outcome(walk, from), isStartProven: base.isProven === true, fault: fault ?? null, head };
}

async function isKnownMac(ask: Ask, position: number, { keys }: WalkEvidence): Promise<boolean> {
  for await (const [event] of storedEvents(ask, { after: position - 1, until: position }))
    return event !== undefined && keys?.isGenuine(event) === true;
  return false;
}

async function follow(
  walk: ChainWalk,
  first: IteratorResult<ChainedEvent, void>,
  events: AsyncGenerator<ChainedEvent, void>,
): Promise<ChainFault | undefined> {
  for (let event = first; event.done !== true; event = await events.next()) {
    const fault = await walk.step(event.value, async () => {
      const { value } = await events.next();
      return value ?? undefined;
    });
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function startOf(first: ChainedEvent | undefined): ChainPoint {
  if (first === undefined || first.position <= 1) return CHAIN_BEGINNING;
  return { position: first.position - 1, hash: first.previous };
}

function outcome(walk: ChainWalk, from: ChainPoint): Omit<Verification, 'fault' | 'isStartProven'> {
  return {
    events: walk.count,
    from: { position: from.position, hash: from.hash },
    to: walk.last,
    checkpoints: walk.checkpoints,
    unknownMacs: walk.unknownMacs,
  };
}

/** What is gone from the table was archived, and the signed word for it stands in the head; or it was deleted. */
function baseOf(
  { base }: ChainHead,
  { publicKeys = [], mustProveStart = false }: WalkEvidence,
): { fault?: ChainFault; isProven?: boolean } {
  const { position, hash, checkpoint } = base;
  if (position === 0 && hash === CHAIN_BEGINNING.hash) return { isProven: true };
  const isMeant = checkpoint?.kind === 'archive' && checkpoint.position === position && checkpoint.hash === hash;
  if (checkpoint !== null && isMeant && isSignedByOneOf(publicKeys, checkpoint)) return { isProven: true };
  // its key may be of a former SECRET_KEY, or of somebody who deletes
  if (checkpoint !== null && isMeant && !mustProveStart && isSignedByOneOf([checkpoint.publicKey], checkpoint))
    return { isProven: false };
  const detail = `The table begins behind row ${position}, but nothing that is signed says that the rows before were archived.`;
  return { fault: { kind: 'missing', position: 1, until: Math.max(1, position), id: null, detail } };
}

function cutFault({ position }: ChainPoint, until: number): ChainFault | undefined {
  if (position >= until) return undefined;
  const detail = `The head of the chain is at row ${until}, but the rows end at ${position}.`;
  return { kind: 'tail_cut', position: position + 1, until, id: null, detail };
}

function headFault(last: ChainPoint, { hash, stranger }: ChainHead): ChainFault | undefined {
  if (last.hash !== hash) {
    const detail = `The head of the chain, in audit_chain, does not know the hash of row ${last.position}.`;
    return { kind: 'rewritten', position: last.position, until: last.position, id: null, detail };
  }
  if (stranger === null) return undefined;
  const { position, id } = stranger;
  return { kind: 'inserted', position, id, detail: `Row ${id} was written past the chain.` };
}

async function* oneByOne(batches: AsyncIterable<readonly ChainedEvent[]>): AsyncGenerator<ChainedEvent, void> {
  for await (const batch of batches) yield* batch;
}
