import { randomUUID } from 'node:crypto';
import { UsageFolding } from '../../libs/analytics/src/usage-folding.js';
import { eventually } from './eventually.js';
import type { TestApp, TestUser } from './test-app.js';

/** A call as a spec describes it; what it leaves open is that of a quick, successful call. */
export interface PastCall {
  readonly at: string;
  readonly by?: TestUser;
  readonly organizationId?: string;
  readonly status?: number;
  readonly method?: string;
  readonly route?: string | null;
  readonly ms?: number;
  readonly bytes?: number;
  readonly requestId?: string;
  readonly userAgent?: string;
}

const DEFAULT_ORGANIZATION = '00000000-0000-7000-8000-000000000000';

/** For specs whose calls have dates: the calls themselves are kept, however long ago that is when the spec runs. */
export const callsOfYears = { KEYWARD_USAGE_RETENTION_DAYS: '3650' };

/** Writes usage records as if these calls had been made. */
export async function pastCalls(app: TestApp, calls: readonly PastCall[]): Promise<void> {
  for (const call of calls) {
    const { at, by, organizationId = DEFAULT_ORGANIZATION, status = 200, method = 'GET', ms = 1, bytes = 0 } = call;
    await app.sql(
      `insert into api_usage (occurred_at, duration_us, response_bytes, status_code, route_id, api_key_id, user_id, organization_id, request_id, user_agent)
       values ($1, $2, $3, $4, usage_route_id($5, $6), $7, $8, $9, $10, $11)`,
      [
        at,
        ms * 1000,
        bytes,
        status,
        method,
        call.route === undefined ? '/api/v1/profile' : call.route,
        by?.keyId ?? null,
        by?.id ?? null,
        organizationId,
        call.requestId ?? randomUUID(),
        call.userAgent ?? null,
      ],
    );
  }
  await sumUp(app);
}

/** Sums of whatever calls there are: those that a spec inserts itself have passed by the recorder. */
export async function sumUp(app: TestApp): Promise<void> {
  await app.sql(`select usage_rebuild('-infinity', 'infinity')`);
}

/** Moves all that is written by now into the sums, even while another replica, which then goes first, is at it. */
export async function foldAll(app: TestApp): Promise<void> {
  await eventually(async () => {
    await app.app.get(UsageFolding, { strict: false }).fold();
    expect(await app.sql('select from usage_deltas')).toEqual([]);
  });
}
