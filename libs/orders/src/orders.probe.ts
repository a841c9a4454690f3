import { Injectable } from '@nestjs/common';
import { Clock } from '#libs/clock';
import { PreparedSql, type PreparedStatement } from '#libs/database';
import { HealthProbe, type Probe, type ProbeDetail } from '#libs/health';
import { OrderUsageSink } from './order-usage.sink.js';

const readOne: PreparedStatement = { name: 'keyward_probe_orders', text: 'select from orders limit 1' };

/** Whether orders can be read. Keys are verified without them, so a failure takes nothing out of service. */
@HealthProbe()
@Injectable()
export class OrdersProbe implements Probe {
  readonly name = 'orders';
  readonly kind = 'readiness';
  readonly tolerated = true;

  constructor(
    private readonly sql: PreparedSql,
    private readonly usage: OrderUsageSink,
    private readonly clock: Clock,
  ) {}

  async check(): Promise<ProbeDetail> {
    await this.sql.rows(readOne, []);
    const now = this.clock.now().getTime();
    return { callsThisMinute: this.usage.callsInMinuteOf(now), callsLastMinute: this.usage.callsInMinuteBefore(now) };
  }
}
