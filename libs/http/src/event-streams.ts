import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Request, Response } from 'express';
import { EventStream, type StreamCheck } from './event-stream.js';
import { StreamProblems } from './event-stream.problems.js';
import { HttpConfig } from './http.config.js';
import { Problem } from './problem.js';
import { beginAnswer } from './server/begin-answer.js';

const MOST_PER_HOLDER = 5;
/** Of all streams that may be open, those of one organization: keys are made at will, and must not take them from others. */
const MOST_OF_ONE_ORGANIZATION = 1 / 4;
/** How often every stream is checked: a key that was believed for 900 ms is not served for a second. */
const CHECK_EVERY_MS = 50;
const BEAT_EVERY_MS = 15_000;
const RETRY_SECONDS = 1;

/** Who reads a stream, and for how long they may. */
export interface StreamTerms {
  /** Under which name streams are counted, such as the id of a key. */
  readonly holder: string;
  /** To which whoever reads is bound; null for those who reach over all. */
  readonly organizationId: string | null;
  readonly mayGoOn: StreamCheck;
}

/** The streams of events that this process keeps open: bounded in number, checked, kept alive, ended when it drains. */
@Injectable()
export class EventStreams implements OnModuleDestroy {
  private readonly open = new Map<EventStream, StreamTerms>();
  private checks: NodeJS.Timeout | undefined;
  private beats: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly config: HttpConfig) {}

  get count(): number {
    return this.open.size;
  }

  /**
   * Answers with a stream: `feed` is handed it once it has begun, and returns what stops the feeding. The call is recorded
   * when the stream begins.
   * @throws Problem stream.too_many, stream.unavailable
   */
  async serve(
    request: Request,
    response: Response,
    terms: StreamTerms,
    feed: (stream: EventStream) => () => void,
  ): Promise<void> {
    this.assertRoom(terms);
    const stream = new EventStream(response, terms.mayGoOn);
    this.add(stream, terms);
    response.once('close', () => this.remove(stream));
    try {
      await beginAnswer(response);
    } catch (error) {
      this.remove(stream);
      throw error;
    }
    if (response.destroyed) return;
    stream.begin();
    if (request.method === 'HEAD' || this.isClosed) {
      stream.end();
      return;
    }
    response.once('close', feed(stream));
  }

  /** Ends all that are open; none is opened any more. */
  endAll(): void {
    this.isClosed = true;
    for (const stream of this.open.keys()) stream.end();
  }

  onModuleDestroy(): void {
    this.endAll();
    this.rest();
  }

  private assertRoom({ holder, organizationId }: StreamTerms): void {
    if (this.isClosed || this.open.size >= this.config.streams) {
      const detail = this.isClosed ? 'This process is shutting down.' : 'This process has as many as it may.';
      throw new Problem(StreamProblems.unavailable, { detail, retryAfter: RETRY_SECONDS });
    }
    const others = [...this.open.values()];
    const own = others.filter((other) => other.holder === holder).length;
    if (own >= MOST_PER_HOLDER) throw tooMany(`${own} streams are open with this key; ${MOST_PER_HOLDER} may be.`);
    if (organizationId === null) return;
    const share = Math.max(MOST_PER_HOLDER, Math.floor(this.config.streams * MOST_OF_ONE_ORGANIZATION));
    const ofOrganization = others.filter((other) => other.organizationId === organizationId).length;
    if (ofOrganization >= share)
      throw tooMany(`${ofOrganization} streams are open with keys of your organization; ${share} may be.`);
  }

  private add(stream: EventStream, terms: StreamTerms): void {
    this.open.set(stream, terms);
    this.checks ??= setInterval(() => this.each((one) => one.check()), CHECK_EVERY_MS).unref();
    this.beats ??= setInterval(() => this.each((one) => one.beat()), BEAT_EVERY_MS).unref();
  }

  private remove(stream: EventStream): void {
    this.open.delete(stream);
    if (this.open.size === 0) this.rest();
  }

  private rest(): void {
    clearInterval(this.checks);
    clearInterval(this.beats);
    this.checks = undefined;
    this.beats = undefined;
  }

  private each(act: (stream: EventStream) => void): void {
    for (const stream of this.open.keys()) act(stream);
  }
}

function tooMany(detail: string): Problem {
  return new Problem(StreamProblems.tooMany, { detail, retryAfter: RETRY_SECONDS });
}
