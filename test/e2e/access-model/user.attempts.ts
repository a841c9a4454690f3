import { isWide, newUser, type Role, union, type User } from './access.model.js';
import { type Attempt, type Cast, first } from './attempt.js';

const NOT_FOUND = 'request.not_found';
const ESCALATION = 'permission.escalation';

export function createUser(cast: Cast): Attempt {
  const { model, actor, step } = cast;
  const organization = model.organizations[step.away ? 1 : 0];
  const { names, roles } = chosenRoles(cast, organization);
  const user = { organization, roles: [], grants: [] };
  return {
    method: 'POST',
    path: '/admin/users',
    body: { email: `${crypto.randomUUID()}@example.com`, roles: names, organizationId: organization.id },
    needs: 'users:create',
    refusal: first([!model.sees(actor, organization), 'request.invalid']) ?? mayNotAssign(cast, user, roles),
    shows: {
      organizationId: organization.id,
      roles: union(names).toSorted((a, b) => a.localeCompare(b)),
      permissions: [],
    },
    effect: ({ id }) => model.users.push({ ...newUser(id, organization), roles: roles ?? [] }),
  };
}

export function assignRoles(cast: Cast): Attempt {
  const { model, actor, user } = cast;
  const { names, roles } = chosenRoles(cast, user.organization);
  return {
    method: 'PUT',
    path: `/admin/users/${user.id}/roles`,
    body: { roles: names },
    needs: 'permissions:assign',
    refusal: first([!model.seesUser(actor, user), NOT_FOUND]) ?? mayNotAssign(cast, user, roles),
    effect: () => (user.roles = roles ?? []),
  };
}

export const lockUser = (cast: Cast): Attempt =>
  change(cast, 'POST', '/lock', 'users:lock', (user) => (user.locked = true));

export const unlockUser = (cast: Cast): Attempt =>
  change(cast, 'POST', '/unlock', 'users:lock', (user) => (user.locked = false));

export const deleteUser = (cast: Cast): Attempt =>
  change(cast, 'DELETE', '', 'users:delete', (user) => {
    user.deleted = true;
    for (const key of cast.model.keys) if (key.owner === user) key.revoked = 'now';
  });

/** Suspends the organization, or resumes it. */
export function suspendOrganization({ model, actor, step }: Cast): Attempt {
  const organization = model.organizations[step.away ? 1 : 0];
  const suspended = !organization.suspended;
  return {
    method: 'PATCH',
    path: `/admin/organizations/${organization.id}`,
    body: { status: suspended ? 'suspended' : 'active' },
    needs: 'organizations:manage',
    refusal: first(
      [!model.sees(actor, organization), NOT_FOUND],
      [!isWide(actor.owner), 'organization.installation_only'],
    ),
    effect: () => (organization.suspended = suspended),
  };
}

function change(
  { model, actor, user }: Cast,
  method: string,
  suffix: string,
  needs: string,
  effect: (user: User) => void,
): Attempt {
  return {
    method,
    path: `/admin/users/${user.id}${suffix}`,
    body: method === 'DELETE' ? undefined : suffix === '/lock' ? { reason: 'as the sequence wants' } : {},
    needs,
    refusal: first([!model.seesUser(actor, user), NOT_FOUND], [!model.mayManage(actor, user), ESCALATION]),
    effect: () => effect(user),
  };
}

/** Roles are chosen by name; undefined when one of the names is none in the organization. */
function chosenRoles(
  { model, step }: Cast,
  organization: User['organization'],
): { names: string[]; roles: Role[] | undefined } {
  const names = union(step.roles.map((choice) => model.roles[choice % model.roles.length]!.name));
  const offered = names.map((name) =>
    model.roles.find((role) => role.name === name && [null, organization].includes(role.organization)),
  );
  const roles = offered.filter((role) => role !== undefined);
  return { names, roles: roles.length === offered.length ? roles : undefined };
}

/** Nobody gives or takes a role that holds more than they do; nor anything to whoever holds it in every organization. */
function mayNotAssign(
  { model, actor }: Cast,
  { roles: before, grants }: Pick<User, 'roles' | 'grants'>,
  after: Role[] | undefined,
): string | undefined {
  if (after === undefined) return 'role.unknown';
  const added = after.filter((role) => !before.includes(role));
  const changed = [...added, ...before.filter((role) => !after.includes(role))];
  const isGivenEverywhere = added.length > 0 && [...before, ...after].some(({ wide }) => wide);
  const isWidened = !before.some(({ wide }) => wide) && after.some(({ wide }) => wide);
  return first([
    changed.some((role) => model.lacks(actor, model.powers.of(role.grants), role.wide || isGivenEverywhere)) ||
      (isWidened && model.lacks(actor, model.heldBy({ roles: after, grants }), true)),
    ESCALATION,
  ]);
}
