import { availableParallelism } from 'node:os';
import { Injectable } from '@nestjs/common';
import { Problem, ServerProblems } from '#libs/http';
import { RateLimitProblems } from '#libs/security';

/** A core is left for everything else, and half of libuv's four threads for names and files. */
const AT_ONCE = Math.max(1, Math.min(2, availableParallelism() - 1));
const MAX_WAITING = 32;
const MAX_OF_ONE_SOURCE = 8;
const MAX_WAIT_MS = 2000;

interface Waiting {
  start(): void;
}

/** Lets few slow hashes run at once, few wait, and nobody fill the queue alone. */
@Injectable()
export class SlowHashQueue {
  private readonly waiting: Waiting[] = [];
  private readonly bySource = new Map<string, number>();
  private running = 0;

  /**
   * Runs `work` when its turn has come. `source`: who makes it necessary.
   * @throws Problem rate_limit.address when the source has enough under way, server.unavailable when there is too much of all
   */
  async run<T>(source: string, work: () => Promise<T>): Promise<T> {
    const underWay = this.bySource.get(source) ?? 0;
    if (underWay >= MAX_OF_ONE_SOURCE) {
      throw new Problem(RateLimitProblems.address, {
        detail: `From one address ${MAX_OF_ONE_SOURCE} imported keys at a time can be used for the first time.`,
        retryAfter: 1,
        reason: 'rate_limit.address: slow hashes under way',
      });
    }
    this.bySource.set(source, underWay + 1);
    try {
      await this.turn();
      try {
        return await work();
      } finally {
        this.running -= 1;
        this.waiting.shift()?.start();
      }
    } finally {
      const left = (this.bySource.get(source) ?? 1) - 1;
      if (left > 0) this.bySource.set(source, left);
      else this.bySource.delete(source);
    }
  }

  private async turn(): Promise<void> {
    if (this.running < AT_ONCE) {
      this.running += 1;
      return;
    }
    if (this.waiting.length >= MAX_WAITING) throw busy();
    await new Promise<void>((resolve, reject) => {
      const entry: Waiting = {
        start: () => {
          clearTimeout(timer);
          this.running += 1;
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(entry), 1);
        reject(busy());
      }, MAX_WAIT_MS);
      this.waiting.push(entry);
    });
  }
}

function busy(): Problem {
  return new Problem(ServerProblems.unavailable, {
    detail: 'Too many imported keys are being used for the first time; those used before are not concerned.',
    retryAfter: 1,
    reason: 'server.unavailable: slow hashes',
  });
}
