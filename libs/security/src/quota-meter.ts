import { Injectable } from '@nestjs/common';
import type { Quota } from '#libs/access';
import { PreparedSql, type PreparedStatement } from '#libs/database';

const consume: PreparedStatement = {
  name: 'keyward_consume_quota',
  text: `
    insert into quota_usages (api_key_id, period_start, used)
    values ($1, case $2 when 'total' then 'epoch'::timestamptz else date_trunc($2, now(), 'UTC') end, 1)
    on conflict (api_key_id, period_start) do update set used = quota_usages.used + 1 where quota_usages.used < $3
    returning used`,
};

/** Counts calls against quotas in the database, one row a key and period: never overspent, over any number of replicas. */
@Injectable()
export class QuotaMeter {
  constructor(private readonly sql: PreparedSql) {}

  /** Takes one call from the quota; false when it is used up. */
  async take(keyId: string, quota: Quota): Promise<boolean> {
    const rows = await this.sql.rows(consume, [keyId, quota.period, quota.limit]);
    return rows.length > 0;
  }
}

/** When the current period of a quota ends; null when it never does. */
export function quotaResetsAt(quota: Quota, now: Date): Date | null {
  if (quota.period === 'total') return null;
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  return quota.period === 'day' ? new Date(Date.UTC(year, month, day + 1)) : new Date(Date.UTC(year, month + 1, 1));
}
