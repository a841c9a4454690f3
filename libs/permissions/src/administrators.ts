import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database } from '#libs/database';
import { Problem } from '#libs/http';
import { AdministratorProblems } from './permissions.problems.js';
import { ADMIN_ROLE } from './role.entity.js';

const isAdministrator = `
  select exists (
    select from role_assignments a join roles r on r.id = a.role_id
    where a.user_id = $1 and r.built_in and r.name = $2) as found`;

const lockUser = 'select from users where id = $1 for no key update';

/**
 * Administrators who can act: persons, for a service account asks nobody for help, not removed, not locked, with a key that works and is not narrowed. `lastingly`: also when
 * no key of theirs is prolonged or issued any more, for a promise that a key's expiry breaks is none.
 */
const acting = `
  select count(*) > 0 as now, coalesce(bool_or(lasting), false) as lastingly from (
    select k.expires_at is null and k.allowed_addresses = '{}' and (k.quota is null or k.quota ->> 'period' <> 'total') as lasting
    from api_keys k join administrators u on u.id = k.owner_id
    where '*' = any (k.grants) and k.disabled_at is null
      and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
    union all
    select true from administrators where api_key_hash is not null) as usable`;

const actingAdministrators = `
  with administrators as (
    select u.id, u.api_key_hash from users u
    join organizations o on o.id = u.organization_id and o.suspended_at is null
    join role_assignments a on a.user_id = u.id
    join roles r on r.id = a.role_id and r.built_in and r.name = $1
    where u.kind = 'person' and u.deleted_at is null and (u.locked_at is null or u.locked_until <= now())) ${acting}`;

interface Acting {
  /** Somebody can administrate. */
  readonly now: boolean;
  /** And no expiry, quota or allow list stands in the way. */
  readonly lastingly: boolean;
}

/** Keeps the promise that there is always an administrator. Reads users and keys in SQL; changes nothing. */
@Injectable()
export class Administrators {
  constructor(private readonly database: Database) {}

  async includes(userId: string): Promise<boolean> {
    const [row] = await this.database.query<{ found: boolean }>(isAdministrator, [userId, ADMIN_ROLE]);
    return row?.found === true;
  }

  /**
   * Only an administrator manages an administrator, or what is theirs.
   * @throws Problem permission.escalation
   */
  async assertManagedBy(principal: Principal, userId: string): Promise<void> {
    if (principal.userId === userId || !(await this.includes(userId))) return;
    principal.assertMayGrant(['*']);
    principal.assertReachesAll();
  }

  /**
   * Runs a change to a user or to their keys that might take the last administrator away. Changes to one user run one at
   * a time, so that nobody becomes an administrator unseen meanwhile; the check follows the change, in its transaction
   * and one at a time over all replicas, so no race between two such changes leaves none.
   * @throws Problem administrator.required, and the change is undone
   */
  async guard<T>(userId: string, change: () => Promise<T>): Promise<T> {
    return this.database.transaction(async () => {
      await this.database.query(lockUser, [userId]);
      return (await this.includes(userId)) ? this.guardAll(change) : change();
    });
  }

  /** The same for a change that may concern any user, such as suspending an organization. */
  async guardAll<T>(change: () => Promise<T>): Promise<T> {
    return this.database.transaction(async () => {
      await this.database.serialize('administrators');
      const before = await this.acting();
      const result = await change();
      const after = await this.acting();
      if ((before.now && !after.now) || (before.lastingly && !after.lastingly)) {
        throw new Problem(AdministratorProblems.required);
      }
      return result;
    });
  }

  private async acting(): Promise<Acting> {
    const [row] = await this.database.query<Acting>(actingAdministrators, [ADMIN_ROLE]);
    return row ?? { now: false, lastingly: false };
  }
}
