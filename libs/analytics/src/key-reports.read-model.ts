import { Injectable } from '@nestjs/common';
import { ApiKeyPermissions } from '#libs/api-keys';
import type { Principal } from '#libs/access';
import { Database } from '#libs/database';
import { Cursors, type Page, type PageQuery } from '#libs/http';

/** A key that works, as reports tell of it. */
export interface ReportedKey {
  readonly id: string;
  /** Null where the caller may not see it. */
  readonly name: string | null;
  readonly start: string | null;
  readonly environment: string;
  readonly organizationId: string;
  readonly ownerId: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly keyGrants: readonly string[];
  /** The owner's own and those of their roles. */
  readonly ownerGrants: readonly string[];
}

/** $1: how many; $2: the organization, null for all; $3: whether names may be seen; $4: whose names in any case. */
const report = (which: string, order: string, behind: string): string => `
  select k.id, case when $3 or k.owner_id = $4 then k.name end as name, case when $3 or k.owner_id = $4 then k.start end as start,
    k.environment, k.organization_id as "organizationId", k.owner_id as "ownerId", k.created_at as "createdAt",
    k.expires_at as "expiresAt", k.last_used_at as "lastUsedAt", k.grants as "keyGrants",
    u.grants || coalesce(held.grants, '{}') as "ownerGrants", ${order}::text as sort
  from api_keys k join users u on u.id = k.owner_id
    left join lateral (
      select array_agg(distinct granted) as grants
      from role_assignments a join roles r on r.id = a.role_id, unnest(r.grants) granted where a.user_id = u.id) held on true
  where ($2::uuid is null or k.organization_id = $2)
    and k.disabled_at is null and (k.revoked_at is null or k.revoked_at > now())
    and (k.expires_at is null or k.expires_at > now()) and ${which}
    and ($5::text is null or ${behind})
  order by ${order}, k.id limit $1`;

const byId = 'k.id > $5::uuid and $6::text is not null';
const days = `$7::int * interval '1 day'`;

const reports = {
  /** A key that is younger than that has not had the time to be unused. */
  unused: report(`coalesce(k.last_used_at, k.created_at) < now() - ${days}`, 'k.id', byId),
  expiring: report(
    `k.expires_at <= now() + ${days}`,
    'k.expires_at',
    '(k.expires_at, k.id) > ($5::timestamptz, $6::uuid)',
  ),
  working: report('$7::int is not null', 'k.id', byId),
} as const;

/** Keys worth a look. Reads over the tables of three libraries, because what a key may do stands in all of them. */
@Injectable()
export class KeyReports {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** @throws Problem request.invalid_cursor */
  async page(
    principal: Principal,
    kind: keyof typeof reports,
    organizationId: string | null,
    { limit, after, days: withinDays }: PageQuery & { readonly days: number },
  ): Promise<Page<ReportedKey>> {
    const list = `report of ${kind} keys`;
    const [sort, id] = after === undefined ? [null, null] : this.cursors.open(list, after);
    const seesNames = principal.identity.permissions.has(ApiKeyPermissions.manage);
    const rows = await this.database.query<ReportedKey & { sort: string }>(reports[kind], [
      limit + 1,
      organizationId,
      seesNames,
      principal.userId,
      sort,
      id,
      withinDays,
    ]);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return { items, next: last === undefined ? null : this.cursors.seal(list, [last.sort, last.id]) };
  }
}
