import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { createClient } from '@redis/client';
import type { Rate } from '#libs/config';
import type { Hit, HitCounter } from './hit-counter.js';
import { MemoryHitCounter } from './memory-hit.counter.js';

/** How long a call waits for Redis before it is counted here. */
const ANSWER_WITHIN_MS = 500;
const CONNECT_WITHIN_MS = 1000;
const RETRY_MS = 250;

/** Counts and reads the window's end in one step, so that no crash between the two leaves a window without an end. */
const countHit = `
local hits = redis.call('INCR', KEYS[1])
if hits == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {hits, redis.call('PTTL', KEYS[1])}`;

/**
 * Counts over all replicas. While Redis does not answer, each process counts for itself: a limit is not worth an outage.
 * Time-outs and reconnecting are its own: those of the client end with the command being written, so that a Redis that
 * accepts everything and answers nothing would hold every call for ever.
 */
export class RedisHitCounter implements HitCounter, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('RedisHitCounter');
  private readonly fallback = new MemoryHitCounter();
  private client: Client | undefined;
  private reachable = false;
  /** Whether this outage has been told of. */
  private warned = false;
  private next: NodeJS.Timeout | undefined;

  constructor(private readonly url: string) {}

  onApplicationBootstrap(): void {
    this.open();
  }

  onApplicationShutdown(): void {
    this.drop();
  }

  get connected(): boolean {
    return this.reachable;
  }

  hit(scope: string, subject: string, rate: Rate): Hit | Promise<Hit> {
    const { client } = this;
    return client !== undefined && this.reachable
      ? this.count(client, scope, subject, rate)
      : this.fallback.hit(scope, subject, rate);
  }

  private async count(client: Client, scope: string, subject: string, rate: Rate): Promise<Hit> {
    const windowMs = rate.windowSeconds * 1000;
    try {
      const reply = await within(
        ANSWER_WITHIN_MS,
        client.eval(countHit, { keys: [`keyward:${scope} ${subject}:${windowMs}`], arguments: [String(windowMs)] }),
      );
      const [hits, endsInMs] = Array.isArray(reply) ? reply.map(Number) : [];
      if (hits === undefined || endsInMs === undefined)
        throw new Error('Redis answered in another form than the script gives.');
      return { hits, endsInMs: Math.max(0, endsInMs) };
    } catch (err) {
      this.lose(client, err);
      return this.fallback.hit(scope, subject, rate);
    }
  }

  private open(): void {
    const client = connectionTo(this.url);
    this.client = client;
    client.on('error', (err: unknown) => this.lose(client, err));
    client.on('ready', () => this.ready(client));
    client.connect().catch((err: unknown) => this.lose(client, err));
    // a server that accepts and says nothing would never be ready, nor an error
    this.schedule(CONNECT_WITHIN_MS, () => this.lose(client, new Error('Redis accepts connections but is silent.')));
  }

  private ready(client: Client): void {
    if (client !== this.client) return;
    clearTimeout(this.next);
    this.reachable = true;
    this.warned = false;
    this.logger.log({ msg: 'Limits are counted in Redis' });
  }

  /** Many calls may find out at once; the first drops the connection, and the next one is tried soon. */
  private lose(client: Client, err: unknown): void {
    if (client !== this.client) return;
    if (!this.warned)
      this.logger.warn({ msg: 'Redis does not answer; each process counts limits for itself until it does', err });
    this.warned = true;
    this.drop();
    this.schedule(RETRY_MS, () => this.open());
  }

  private drop(): void {
    clearTimeout(this.next);
    this.reachable = false;
    const { client } = this;
    this.client = undefined;
    if (client?.isOpen === true) client.destroy();
  }

  private schedule(afterMs: number, step: () => void): void {
    clearTimeout(this.next);
    this.next = setTimeout(step, afterMs).unref();
  }
}

type Client = ReturnType<typeof connectionTo>;

function connectionTo(url: string) {
  return createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_WITHIN_MS, reconnectStrategy: false },
  });
}

/** @throws Error when `answer` is not there in time */
async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // at the end of the turn: when it was this process that was late, the answer is there and still unread
    timer = setTimeout(() => setImmediate(() => reject(new Error(`Redis did not answer within ${ms} ms.`))), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
