import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { createClient } from '@redis/client';
import type { Rate } from '#libs/config';
import type { Hit, HitCounter } from './hit-counter.js';
import { MemoryHitCounter } from './memory-hit.counter.js';

const COMMAND_TIMEOUT_MS = 250;

/** Counts and reads the window's end in one step, so that no crash between the two leaves a window without an end. */
const countHit = `
local hits = redis.call('INCR', KEYS[1])
if hits == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {hits, redis.call('PTTL', KEYS[1])}`;

/** Counts over all replicas. While Redis does not answer, each process counts for itself: a limit is not worth an outage. */
export class RedisHitCounter implements HitCounter, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('RedisHitCounter');
  private readonly fallback = new MemoryHitCounter();
  private readonly client;
  private reachable = false;

  constructor(url: string) {
    this.client = createClient({
      url,
      disableOfflineQueue: true,
      commandOptions: { timeout: COMMAND_TIMEOUT_MS },
      socket: { connectTimeout: 1000, reconnectStrategy: (retries: number) => Math.min(100 * retries, 1000) },
    });
    this.client.on('error', (err: unknown) => this.turned(false, err));
    this.client.on('ready', () => this.turned(true));
  }

  onApplicationBootstrap(): void {
    this.client.connect().catch((err: unknown) => this.turned(false, err));
  }

  onApplicationShutdown(): void {
    this.client.destroy();
  }

  get connected(): boolean {
    return this.reachable;
  }

  hit(name: string, rate: Rate): Hit | Promise<Hit> {
    return this.reachable ? this.count(name, rate) : this.fallback.hit(name, rate);
  }

  private async count(name: string, rate: Rate): Promise<Hit> {
    const windowMs = rate.windowSeconds * 1000;
    try {
      const reply = await this.client.eval(countHit, {
        keys: [`keyward:${name}:${windowMs}`],
        arguments: [String(windowMs)],
      });
      const [hits, endsInMs] = Array.isArray(reply) ? reply.map(Number) : [];
      if (hits === undefined || endsInMs === undefined)
        throw new Error('Redis answered in another form than the script gives.');
      return { hits, endsInMs: Math.max(0, endsInMs) };
    } catch (err) {
      this.turned(false, err);
      setTimeout(() => this.turned(this.client.isReady), 1000).unref();
      return this.fallback.hit(name, rate);
    }
  }

  private turned(reachable: boolean, err?: unknown): void {
    if (this.reachable === reachable) return;
    this.reachable = reachable;
    if (reachable) this.logger.log({ msg: 'Limits are counted in Redis' });
    else this.logger.warn({ msg: 'Redis does not answer; each process counts limits for itself until it does', err });
  }
}
