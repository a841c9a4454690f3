import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 20;
const WINDOW_MS = 60_000;

/** By how much timers came late, in milliseconds, in the last one to two minutes. */
export interface EventLoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Watches how long the event loop is held up. */
@Injectable()
export class EventLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private previous: EventLoopDelay = { p50Ms: 0, p99Ms: 0, maxMs: 0 };
  private timer: NodeJS.Timeout | undefined;

  onApplicationBootstrap(): void {
    this.histogram.enable();
    this.timer = setInterval(() => {
      this.previous = this.current();
      this.histogram.reset();
    }, WINDOW_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.histogram.disable();
  }

  /** The worse of the minute that is running and the one before. */
  get delay(): EventLoopDelay {
    const { p50Ms, p99Ms, maxMs } = this.current();
    const { previous } = this;
    return {
      p50Ms: Math.max(p50Ms, previous.p50Ms),
      p99Ms: Math.max(p99Ms, previous.p99Ms),
      maxMs: Math.max(maxMs, previous.maxMs),
    };
  }

  private current(): EventLoopDelay {
    if (this.histogram.max === 0) return { p50Ms: 0, p99Ms: 0, maxMs: 0 };
    const { histogram } = this;
    return {
      p50Ms: lateness(histogram.percentile(50)),
      p99Ms: lateness(histogram.percentile(99)),
      maxMs: lateness(histogram.max),
    };
  }
}

/** The histogram holds the time between two timers, which is the resolution when nothing is late. */
function lateness(nanoseconds: number): number {
  return Math.max(0, Math.round((nanoseconds / 1e6 - RESOLUTION_MS) * 10) / 10);
}
