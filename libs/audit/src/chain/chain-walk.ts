import type { ChainFault } from './chain-fault.js';
import { chainHash, type ChainedEvent, type ChainPoint } from './chained-event.js';
import { type AuditCheckpoint, isSignedByOneOf } from './checkpoint.js';

/** What a walk along the chain is held against. */
export interface WalkEvidence {
  /** Tells genuine MACs; without it a chain that was computed anew is found by checkpoints alone. */
  readonly keys?: { isGenuine(event: { hash: string; mac: string; macKey: string }): boolean | undefined };
  /** In the order of their positions. */
  readonly checkpoints?: AsyncIterator<AuditCheckpoint | string>;
  readonly publicKeys?: readonly string[];
  /** That the rows before the table were archived must be signed by one of the public keys, not by a key unknown here. */
  readonly mustProveStart?: boolean;
  /** Rows may be absent between others, as in a filtered export: each is held against the hash that it names as previous. */
  readonly partial?: boolean;
}

/** Walks along the chain, event by event, and stops at the first that is wrong. */
export class ChainWalk {
  /** Events that were right. */
  count = 0;
  checkpoints = 0;
  /** Events whose MAC is of a key that was not given. */
  unknownMacs = 0;
  private lastTime = '';
  private pending: AuditCheckpoint | undefined;
  private lastCheckpoint: ChainPoint | undefined;

  constructor(
    /** The last place that is known to be right. */
    public last: ChainPoint,
    private readonly evidence: WalkEvidence,
    /** Whether the event before had a MAC of a key that is known: from there on every event has one. */
    private knowsMacs = false,
  ) {}

  /** Checkpoints at or before the start: the start itself must be what they say. */
  begin(): Promise<ChainFault | undefined> {
    return this.passCheckpoints();
  }

  /** Whether a signed checkpoint speaks of the place at which the walk is. */
  get isSigned(): boolean {
    return this.lastCheckpoint?.position === this.last.position;
  }

  /** `next`: the event behind it, which may tell what happened to this one. */
  async step(event: ChainedEvent, next: () => Promise<ChainedEvent | undefined>): Promise<ChainFault | undefined> {
    const previous = this.evidence.partial === true ? event.previous : this.last.hash;
    return (
      this.placeFault(event) ??
      (await this.contentFault(event, previous, next)) ??
      this.macFault(event) ??
      this.advance(event)
    );
  }

  /** Checkpoints behind the last event speak of events that are gone. */
  async end(): Promise<ChainFault | undefined> {
    await this.fill();
    const { pending, last } = this;
    if (pending === undefined || this.evidence.partial === true) return undefined;
    return {
      kind: 'tail_cut',
      position: last.position + 1,
      id: null,
      detail: `The log ends at row ${last.position}, but a signed checkpoint of ${pending.at} knows ${pending.position} rows.`,
    };
  }

  private placeFault({ position, id }: ChainedEvent): ChainFault | undefined {
    const expected = this.last.position + 1;
    if (position < expected)
      return { kind: 'inserted', position, id, detail: `Row ${position} stands there twice, or in the wrong place.` };
    if (position === expected || this.evidence.partial === true) return undefined;
    const detail = `Rows ${expected} to ${position - 1} are not there.`;
    return { kind: 'missing', position: expected, until: position - 1, id: null, detail };
  }

  private async contentFault(
    event: ChainedEvent,
    previous: string,
    next: () => Promise<ChainedEvent | undefined>,
  ): Promise<ChainFault | undefined> {
    if (chainHash(previous, event).toString('hex') === event.hash) return undefined;
    const { position, id } = event;
    const follower = await next();
    const followerBelongsHere =
      follower !== undefined && chainHash(previous, { ...follower, position }).toString('hex') === follower.hash;
    if (follower !== undefined && followerBelongsHere) {
      const moved = chainHash(follower.hash, { ...event, position: position + 1 }).toString('hex') === event.hash;
      return moved
        ? { kind: 'reordered', position, id, detail: `Rows ${position} and ${position + 1} changed places.` }
        : { kind: 'inserted', position, id, detail: `Row ${position} was put between the row before it and the next.` };
    }
    const genuine = this.evidence.keys?.isGenuine(event) === true ? ' The hash itself is one that was written.' : '';
    const detail = `Row ${position} is not what its hash was made of.${genuine}`;
    const isBackDated = this.lastTime !== '' && event.occurredAt < this.lastTime;
    return { kind: isBackDated ? 'back_dated' : 'altered', position, id, detail };
  }

  private macFault(event: ChainedEvent): ChainFault | undefined {
    if (this.evidence.keys === undefined) return undefined;
    const genuine = this.evidence.keys.isGenuine(event);
    if (genuine === true) {
      this.knowsMacs = true;
      return undefined;
    }
    // a former key is not used again once the one that is known is in use
    if (genuine === undefined && !this.knowsMacs) {
      this.unknownMacs++;
      return undefined;
    }
    const { position, id } = event;
    const detail = `The hash of row ${position} was not made with the key of this installation: it was written by somebody else.`;
    return { kind: 'forged', position, id, detail };
  }

  private async advance({ position, hash, occurredAt }: ChainedEvent): Promise<ChainFault | undefined> {
    this.last = { position, hash };
    this.lastTime = occurredAt;
    this.count++;
    return this.passCheckpoints();
  }

  private async passCheckpoints(): Promise<ChainFault | undefined> {
    if (this.evidence.checkpoints === undefined || this.evidence.partial === true) return undefined;
    for (;;) {
      const unreadable = await this.fill();
      if (unreadable !== undefined) return unreadable;
      const { pending, last, lastCheckpoint } = this;
      if (pending === undefined || pending.position > last.position) return undefined;
      if (pending.position < (lastCheckpoint?.position ?? 0)) return invalid(pending, 'is not in order');
      if (!isSignedByOneOf(this.evidence.publicKeys ?? [], pending))
        return invalid(pending, 'is not signed by the public key that was given');
      if (pending.position === last.position && pending.hash !== last.hash) return rewritten(pending, lastCheckpoint);
      this.lastCheckpoint = pending;
      this.checkpoints++;
      this.pending = undefined;
    }
  }

  private async fill(): Promise<ChainFault | undefined> {
    if (this.pending !== undefined || this.evidence.checkpoints === undefined) return undefined;
    const { value, done } = await this.evidence.checkpoints.next();
    if (done === true) return undefined;
    if (typeof value === 'string')
      return { kind: 'checkpoint_invalid', position: null, id: null, detail: `This is no checkpoint: ${value}` };
    this.pending = value;
    return undefined;
  }
}

function invalid({ position, at }: AuditCheckpoint, what: string): ChainFault {
  return {
    kind: 'checkpoint_invalid',
    position,
    id: null,
    detail: `The checkpoint of ${at} at row ${position} ${what}.`,
  };
}

function rewritten({ position, at }: AuditCheckpoint, trusted: ChainPoint | undefined): ChainFault {
  const from = (trusted?.position ?? 0) + 1;
  const detail = `Rows ${from} to ${position}: at least one was written anew since the checkpoint of ${at}. With SECRET_KEY the row itself can be named.`;
  return { kind: 'rewritten', position: from, until: position, id: null, detail };
}
