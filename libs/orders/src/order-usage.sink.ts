import { Injectable } from '@nestjs/common';
import { type UsageReceiver, type UsageRecord, UsageSink } from '#libs/analytics';

const ORDERS = '/api/v1/orders';
const MINUTE_MS = 60_000;

/** Counts the calls to orders minute by minute; shown in the detail of the probe. */
@UsageSink()
@Injectable()
export class OrderUsageSink implements UsageReceiver {
  private minute = 0;
  private current = 0;
  private previous = 0;

  receive(records: readonly UsageRecord[]): void {
    for (const { route, occurredAt } of records) if (route?.startsWith(ORDERS) === true) this.count(occurredAt);
  }

  /** Calls in the last whole minute before `now` (milliseconds since the epoch). */
  callsInMinuteBefore(now: number): number {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute === this.minute) return this.previous;
    return minute === this.minute + 1 ? this.current : 0;
  }

  /** Calls in the minute of `now` so far. */
  callsInMinuteOf(now: number): number {
    return Math.floor(now / MINUTE_MS) === this.minute ? this.current : 0;
  }

  private count(at: number): void {
    const minute = Math.floor(at / MINUTE_MS);
    if (minute > this.minute) {
      this.previous = minute === this.minute + 1 ? this.current : 0;
      this.minute = minute;
      this.current = 0;
    }
    if (minute === this.minute) this.current += 1;
    else if (minute === this.minute - 1) this.previous += 1;
  }
}
