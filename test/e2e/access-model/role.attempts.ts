import { isWide, union } from './access.model.js';
import { type Attempt, type Cast, first } from './attempt.js';

const ESCALATION = 'permission.escalation';

export function createRole({ model, actor, step }: Cast): Attempt {
  const organization = step.away ? model.organizations[1] : step.flag ? null : model.organizations[0];
  const names = union(
    model.roles.filter(({ builtIn }) => !builtIn).map(({ name }) => name),
    [`${model.organizations[0].id}-new`],
  );
  const name = names[step.choice % names.length]!;
  const wide = step.choice % 5 === 0;
  const grants = union(step.grants);
  const isBeyond = !isWide(actor.owner) && (organization !== actor.owner.organization || wide);
  const isTaken = model.roles.some(
    (other) => other.name === name && (other.organization ?? organization) === (organization ?? other.organization),
  );
  return {
    method: 'POST',
    path: '/admin/roles',
    body: { name, permissions: step.grants, organizationId: organization?.id ?? null, installationWide: wide },
    needs: 'roles:manage',
    refusal: first([isBeyond || model.lacksGrants(actor, grants), ESCALATION], [isTaken, 'role.name_taken']),
    shows: { permissions: grants, organizationId: organization?.id ?? null, installationWide: wide },
    effect: ({ id }) => model.roles.push({ id, name, organization, wide, builtIn: false, grants }),
  };
}

export function editRole(cast: Cast): Attempt {
  const { role, step } = cast;
  const grants = union(step.grants);
  return {
    method: 'PATCH',
    path: `/admin/roles/${role.id}`,
    body: { permissions: step.grants },
    needs: 'roles:manage',
    refusal: mayNotChange(cast) ?? first([mayNotPutInto(cast, grants), ESCALATION]),
    shows: { permissions: grants },
    effect: () => (role.grants = grants),
  };
}

export function deleteRole(cast: Cast): Attempt {
  const { model, role, step } = cast;
  const holders = model.holdersOf(role);
  return {
    method: 'DELETE',
    path: `/admin/roles/${role.id}${step.flag ? '?withdraw=true' : ''}`,
    needs: 'roles:manage',
    refusal: mayNotChange(cast) ?? first([holders.length > 0 && !step.flag, 'role.in_use']),
    effect: () => {
      model.roles.splice(model.roles.indexOf(role), 1);
      for (const user of model.users) user.roles = user.roles.filter((other) => other !== role);
    },
  };
}

/** Why the actor may not touch the role, whatever it would make of it. */
export function mayNotChange({ model, actor, role }: Cast): string | undefined {
  const isBeyond = !isWide(actor.owner) && (role.organization !== actor.owner.organization || role.wide);
  return first(
    [!model.sees(actor, role.organization), 'request.not_found'],
    [role.builtIn, 'role.built_in'],
    [isBeyond || model.lacksGrants(actor, role.grants), ESCALATION],
  );
}

/** Also those whose other roles reach over all organizations would hold what is put into the role, and so hold it everywhere. */
export function mayNotPutInto({ model, actor, role }: Cast, grants: readonly string[]): boolean {
  const isMore = (model.powers.of(grants) & ~model.powers.of(role.grants)) !== 0n;
  return model.lacks(actor, model.powers.of(grants), isMore && model.holdersOf(role).some(isWide));
}
