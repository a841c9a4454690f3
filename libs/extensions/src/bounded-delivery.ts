import { Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';

/** What is said of a delivery in the log, and how much may wait for it. */
export interface DeliveryOptions<T> {
  /** Whom it is for, such as the class of a plug-in. */
  readonly to: string;
  receive(item: T): void | Promise<void>;
  /** The most that waits, in the unit of `sizeOf`; what comes beyond is dropped and counted. */
  readonly limit: number;
  /** Absent: every item counts as one. */
  sizeOf?(item: T): number;
}

/** How a delivery keeps up, in the unit of its limit. */
export interface DeliveryLoad {
  readonly to: string;
  readonly waiting: number;
  /** Since the start. */
  readonly dropped: number;
}

/**
 * Hands items to a plug-in, one after the other and apart from whoever offers them: a plug-in that is slow, throws or
 * hangs costs what was meant for it and nothing else.
 */
export class BoundedDelivery<T> {
  private readonly logger = new Logger('Delivery');
  private readonly waiting: T[] = [];
  private size = 0;
  private running: Promise<void> | undefined;
  private dropped = 0;
  private droppedBefore = 0;

  constructor(private readonly options: DeliveryOptions<T>) {}

  /** Never throws and never waits. */
  offer(item: T): void {
    const size = this.sizeOf(item);
    if (this.size + size > this.options.limit) {
      if (this.dropped === 0)
        this.logger.error({ msg: 'A plug-in is too slow, dropping what is meant for it', to: this.options.to });
      this.dropped += size;
      return;
    }
    this.size += size;
    this.waiting.push(item);
    this.running ??= this.run().finally(() => (this.running = undefined));
  }

  get load(): DeliveryLoad {
    return { to: this.options.to, waiting: this.size, dropped: this.droppedBefore + this.dropped };
  }

  /** Resolves when everything offered so far has been received, or after `withinMs`. */
  async settled(withinMs: number): Promise<void> {
    if (this.running !== undefined) await Promise.race([this.running, delay(withinMs, undefined, { ref: false })]);
  }

  private async run(): Promise<void> {
    await new Promise(setImmediate); // whoever offers has its own work to finish first
    for (let item = this.waiting.shift(); item !== undefined; item = this.waiting.shift()) {
      try {
        await this.options.receive(item);
      } catch (err) {
        this.logger.error({ msg: 'A plug-in failed', to: this.options.to, err });
      }
      this.size -= this.sizeOf(item);
    }
    if (this.dropped === 0) return;
    this.logger.error({ msg: 'A plug-in has caught up', to: this.options.to, dropped: this.dropped });
    this.droppedBefore += this.dropped;
    this.dropped = 0;
  }

  private sizeOf(item: T): number {
    return this.options.sizeOf?.(item) ?? 1;
  }
}
