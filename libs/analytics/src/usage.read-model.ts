import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import type { RouteUsageView } from './analytics.dto.js';

/** Which calls are meant; null members do not narrow. The period is half-open: from <= call < to. */
export interface UsageSelection {
  readonly from: Date;
  readonly to: Date;
  readonly keyId: string | null;
  readonly userId: string | null;
  readonly organizationId: string | null;
}

export interface UsageTotals {
  calls: number;
  client_errors: number;
  server_errors: number;
  active_keys: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

const selected = `
  from api_usage
  where occurred_at >= $1 and occurred_at < $2
    and ($3::uuid is null or api_key_id = $3)
    and ($4::uuid is null or user_id = $4)
    and ($5::uuid is null or organization_id = $5)`;

/** Questions put to the usage records. */
@Injectable()
export class UsageReadModel {
  constructor(private readonly database: Database) {}

  async totals(selection: UsageSelection): Promise<UsageTotals | undefined> {
    const [row] = await this.database.query<UsageTotals>(
      `select count(*)::float8 as calls,
         count(*) filter (where status_code between 400 and 499)::float8 as client_errors,
         count(*) filter (where status_code >= 500)::float8 as server_errors,
         count(distinct api_key_id)::float8 as active_keys,
         percentile_cont(0.5) within group (order by duration_us) / 1000 as p50,
         percentile_cont(0.95) within group (order by duration_us) / 1000 as p95,
         percentile_cont(0.99) within group (order by duration_us) / 1000 as p99 ${selected}`,
      parameters(selection),
    );
    return row;
  }

  async byStatus(selection: UsageSelection): Promise<Record<string, number>> {
    const rows = await this.database.query<{ status: string; calls: number }>(
      `select status_code::text as status, count(*)::float8 as calls ${selected} group by status_code order by status_code`,
      parameters(selection),
    );
    return Object.fromEntries(rows.map(({ status, calls }) => [status, calls]));
  }

  topRoutes(selection: UsageSelection): Promise<RouteUsageView[]> {
    return this.database.query<RouteUsageView>(
      `select method, route, count(*)::float8 as calls ${selected} group by method, route order by calls desc, route, method limit 20`,
      parameters(selection),
    );
  }
}

function parameters({ from, to, keyId, userId, organizationId }: UsageSelection): unknown[] {
  return [from, to, keyId, userId, organizationId];
}
