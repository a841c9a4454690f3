import type { Database } from '#libs/database';

const UNUSED_DAYS = 90;

/** Whether a fact is told by the audit log for the end of the period, or has not changed since and is taken as it is now. */
export type FactSource = 'audit' | 'now';

export interface RoleEvidence {
  readonly name: string;
  readonly organizationId: string | null;
  readonly installationWide: boolean;
  readonly grants: readonly string[];
  readonly source: FactSource;
}

export interface UserEvidence {
  readonly id: string;
  readonly email: string;
  readonly organizationId: string;
  readonly kind: string;
  readonly isLocked: boolean;
  readonly roles: readonly string[];
  /** What the user could do: the grants of the roles and their own. */
  readonly grants: readonly string[];
  readonly source: FactSource;
}

export interface KeyEventEvidence {
  readonly action: string;
  readonly keyId: string;
  readonly at: string;
  readonly position: number;
  /** The user who did it; null for the system, which `by` names. */
  readonly userId: string | null;
  readonly by: string;
}

export interface KeyEvidence {
  readonly id: string;
  readonly ownerId: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

/** Who could do what, and what became of keys. */
export interface AccessEvidence {
  readonly from: string;
  readonly to: string;
  readonly users: readonly UserEvidence[];
  readonly roles: readonly RoleEvidence[];
  readonly keyEvents: readonly KeyEventEvidence[];
  readonly unusedKeys: readonly KeyEvidence[];
  /** What could not be seen. */
  readonly notes: readonly string[];
}

interface Former {
  target_id: string;
  value: unknown;
}

// the first change after a moment says what was there before it
const former = `
  select distinct on (target_id) target_id, before -> $2 as value from audit_events
  where target_type = $1 and occurred_at >= $3 and jsonb_exists(before, $2)
  order by target_id, position`;
const rolesOf = `
  select r.id, r.name, r.organization_id, r.installation_wide, r.grants from roles r where r.created_at < $1
  union all
  select e.target_id::uuid, e.before ->> 'name', (e.before ->> 'organizationId')::uuid,
    (e.before ->> 'installationWide')::boolean, array(select jsonb_array_elements_text(e.before -> 'grants'))
  from audit_events e where e.action = 'role.deleted' and e.occurred_at >= $1
    and not exists (select from audit_events c where c.action = 'role.created' and c.target_id = e.target_id and c.occurred_at >= $1)
  order by 2`;
const usersOf = `
  select u.id, u.email, u.organization_id, u.kind, u.grants, u.locked_at, u.locked_until,
    array(select r.name from role_assignments a join roles r on r.id = a.role_id where a.user_id = u.id order by 1) as roles
  from users u where u.created_at < $1 and (u.deleted_at is null or u.deleted_at >= $1) order by u.email`;
const keyEventsOf = `
  select action, target_id, occurred_at, position::text, actor_kind, actor_name, actor_user_id from audit_events
  where action in ('api_key.issued', 'api_key.rotated', 'api_key.revoked') and occurred_at >= $1 and occurred_at < $2
  order by audit_events.position`;
const unusedOf = `
  select id, owner_id, created_at, last_used_at from api_keys
  where coalesce(last_used_at, created_at) < $1::timestamptz - interval '${UNUSED_DAYS} days' and created_at < $1
    and (revoked_at is null or revoked_at >= $1) and (expires_at is null or expires_at >= $1)
  order by coalesce(last_used_at, created_at)`;
const archivedUpTo = `
  select base_position::text as position, (select occurred_at from audit_events order by position limit 1) as first
  from audit_chain where base_position > 0`;

/**
 * Evidence for a period: users, roles and grants as they were at its end, as far as the audit log tells (its events after
 * that say what was before them; what has none is as it is now), and what happened to keys during it. It reads across the
 * tables of users, roles, keys and events, and writes none.
 */
export async function accessEvidence(database: Database, from: Date, to: Date): Promise<AccessEvidence> {
  const formerly = async (type: string, member: string): Promise<ReadonlyMap<string, unknown>> => {
    const rows = await database.query<Former>(former, [type, member, to]);
    return new Map(rows.map(({ target_id: id, value }) => [id, value]));
  };
  const roles = await rolesAt(database, to, await formerly('role', 'grants'));
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    roles,
    users: await usersAt(database, to, roles, {
      roles: await formerly('user', 'roles'),
      grants: await formerly('user', 'grants'),
      lockedAt: await formerly('user', 'lockedAt'),
      lockedUntil: await formerly('user', 'lockedUntil'),
    }),
    keyEvents: await keyEvents(database, from, to),
    unusedKeys: await unusedKeys(database, to),
    notes: await notesOn(database, from),
  };
}

async function rolesAt(
  database: Database,
  to: Date,
  grantsBefore: ReadonlyMap<string, unknown>,
): Promise<RoleEvidence[]> {
  const rows = await database.query<{
    id: string;
    name: string;
    organization_id: string | null;
    installation_wide: boolean;
    grants: string[];
  }>(rolesOf, [to]);
  return rows.map(({ id, name, organization_id: organizationId, installation_wide: installationWide, grants }) => ({
    name,
    organizationId,
    installationWide,
    grants: textsOf(grantsBefore.get(id)) ?? grants,
    source: grantsBefore.has(id) ? 'audit' : 'now',
  }));
}

async function usersAt(
  database: Database,
  to: Date,
  roles: readonly RoleEvidence[],
  before: Readonly<Record<'roles' | 'grants' | 'lockedAt' | 'lockedUntil', ReadonlyMap<string, unknown>>>,
): Promise<UserEvidence[]> {
  const rows = await database.query<{
    id: string;
    email: string;
    organization_id: string;
    kind: string;
    grants: string[];
    locked_at: Date | null;
    locked_until: Date | null;
    roles: string[];
  }>(usersOf, [to]);
  return rows.map((row) => {
    const { id, email, organization_id: organizationId, kind, grants, roles: rolesNow } = row;
    const lockedAt = timeOf(before.lockedAt.has(id) ? before.lockedAt.get(id) : row.locked_at);
    const lockedUntil = timeOf(before.lockedUntil.has(id) ? before.lockedUntil.get(id) : row.locked_until);
    const held = textsOf(before.roles.get(id)) ?? rolesNow;
    const own = textsOf(before.grants.get(id)) ?? grants;
    const reach = roles.filter(
      (role) => held.includes(role.name) && [null, organizationId].includes(role.organizationId),
    );
    return {
      id,
      email,
      organizationId,
      kind,
      isLocked: lockedAt !== null && lockedAt <= to && (lockedUntil === null || lockedUntil > to),
      roles: held,
      grants: [...new Set([...own, ...reach.flatMap((role) => role.grants)])].toSorted(),
      source: Object.values(before).some((values) => values.has(id)) ? 'audit' : 'now',
    };
  });
}

async function keyEvents(database: Database, from: Date, to: Date): Promise<KeyEventEvidence[]> {
  const rows = await database.query<{
    action: string;
    target_id: string;
    occurred_at: Date;
    position: string;
    actor_kind: string;
    actor_name: string | null;
    actor_user_id: string | null;
  }>(keyEventsOf, [from, to]);
  return rows.map((row) => ({
    action: row.action,
    keyId: row.target_id,
    at: row.occurred_at.toISOString(),
    position: Number(row.position),
    userId: row.actor_user_id,
    by: row.actor_user_id ?? `${row.actor_kind}: ${row.actor_name ?? 'unnamed'}`,
  }));
}

async function unusedKeys(database: Database, to: Date): Promise<KeyEvidence[]> {
  const rows = await database.query<{ id: string; owner_id: string; created_at: Date; last_used_at: Date | null }>(
    unusedOf,
    [to],
  );
  return rows.map((row) => ({
    id: row.id,
    ownerId: row.owner_id,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  }));
}

async function notesOn(database: Database, from: Date): Promise<string[]> {
  const [archived] = await database.query<{ position: string; first: Date | null }>(archivedUpTo);
  const notes = ['Last uses of keys are those known now; of erased persons only ids are left.'];
  if (archived !== undefined && (archived.first === null || archived.first >= from))
    notes.push(
      `Events up to row ${archived.position} are in archives: what they tell is not in this report, and what they changed is shown as it is now.`,
    );
  return notes;
}

/** As the table or an event has it. */
function timeOf(value: unknown): Date | null {
  return value instanceof Date ? value : typeof value === 'string' ? new Date(value) : null;
}

function textsOf(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : undefined;
}
