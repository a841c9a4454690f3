import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { ApiKeyPermissions } from '#libs/api-keys';
import { Database } from '#libs/database';
import { isUuid } from '#libs/http';
import { OrganizationPermissions } from '#libs/organizations';
import { UserPermissions } from '#libs/users';
import type { UsageGrouping, UsageGroupValue } from './usage-question.js';
import { UsageGroupView } from './usage-series.dto.js';

interface Name {
  readonly id: string;
  readonly name: string;
  readonly start: string | null;
}

/** $1: ids; $2: the organization that the caller is bound to; $3: the caller; $4: whether others may be seen. */
const questions = {
  key: `select id, name, start from api_keys
    where id = any ($1) and ($2::uuid is null or organization_id = $2) and ($4 or owner_id = $3)`,
  user: `select id, email as name, null as start from users
    where id = any ($1) and ($2::uuid is null or organization_id = $2) and ($4 or id = $3)`,
  organization: `select id, slug as name, null as start from organizations
    where id = any ($1) and ($2::uuid is null or id = $2) and ($4 or id = (select organization_id from users where id = $3))`,
} as const;

/** Who holds it sees the names of others, too; everybody sees their own. */
const permissions = {
  key: ApiKeyPermissions.manage,
  user: UserPermissions.read,
  organization: OrganizationPermissions.read,
} as const;

/** What ids are called, where the caller may see it: read over the tables of three libraries, because a number says little. */
@Injectable()
export class UsageNames {
  constructor(private readonly database: Database) {}

  /** The groups in the same order, with their names. */
  async name(principal: Principal, by: UsageGrouping, groups: readonly UsageGroupValue[]): Promise<UsageGroupView[]> {
    const ids = groups.flatMap(({ value }) => (value !== null && isUuid(value) ? [value] : []));
    const names = await this.namesOf(principal, by, ids);
    return groups.map(({ value, method }) => {
      const { name = null, start = null } = names.get(value) ?? {};
      return Object.assign(new UsageGroupView(), { value, method, name, start });
    });
  }

  private async namesOf(
    principal: Principal,
    by: UsageGrouping,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string | null, Name>> {
    if (ids.length === 0 || (by !== 'key' && by !== 'user' && by !== 'organization')) return new Map();
    const all = principal.identity.permissions.has(permissions[by]);
    const rows = await this.database.query<Name>(questions[by], [ids, principal.scope, principal.userId, all]);
    return new Map(rows.map((row) => [row.id, row]));
  }
}
