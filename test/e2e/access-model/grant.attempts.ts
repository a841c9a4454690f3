import { gives, isWide, union } from './access.model.js';
import { type Attempt, type Cast, first } from './attempt.js';
import { mayNotChange, mayNotPutInto } from './role.attempts.js';

const NOT_FOUND = 'request.not_found';
const ESCALATION = 'permission.escalation';

export function grant(cast: Cast): Attempt {
  const { step } = cast;
  const holder = cast[step.holder];
  const grants = union(holder.grants, step.grants);
  return {
    ...attempt(cast, step.grants, grants),
    method: 'POST',
    needs: 'permissions:assign',
    shows: { kind: step.holder, id: holder.id, permissions: grants },
  };
}

export function withdraw(cast: Cast): Attempt {
  const { step } = cast;
  const holder = cast[step.holder];
  // more often than not something that is there to be taken
  const taken = step.flag ? holder.grants.slice(0, 1 + (step.choice % 2)) : step.grants;
  const grants = holder.grants.filter((one) => !taken.includes(one));
  return { ...attempt(cast, taken, grants), method: 'DELETE', needs: 'permissions:revoke' };
}

/** Of changing the holder's grants into `grants` by naming `named`. */
function attempt(cast: Cast, named: readonly string[], grants: readonly string[]): Omit<Attempt, 'method' | 'needs'> {
  const { model, actor, step } = cast;
  const holder = cast[step.holder];
  const isStillGranted = named.some((one) => !grants.includes(one) && grants.some((left) => gives(left, one)));
  return {
    path: '/admin/permissions',
    body: { [`${step.holder}Id`]: holder.id, permissions: named },
    refusal:
      first([named.length === 0, 'request.invalid'], [model.lacksGrants(actor, named), ESCALATION]) ??
      mayNotTouch(cast) ??
      first([isStillGranted, 'grant.still_granted'], [mayNotHold(cast, grants), ESCALATION]),
    effect: () => (holder.grants = grants),
  };
}

function mayNotTouch(cast: Cast): string | undefined {
  const { model, actor, step, user, key } = cast;
  if (step.holder === 'role') return mayNotChange(cast);
  const [owner, isSeen] =
    step.holder === 'user'
      ? [user, model.seesUser(actor, user)]
      : [key.owner, model.sees(actor, key.owner.organization)];
  return first([!isSeen, NOT_FOUND], [!model.mayManage(actor, owner), ESCALATION]);
}

/** Whether the holder would be given what the actor does not hold, or where the actor does not hold it. */
function mayNotHold(cast: Cast, grants: readonly string[]): boolean {
  const { model, actor, step, user, key } = cast;
  if (step.holder === 'role') return mayNotPutInto(cast, grants);
  const before: readonly string[] = cast[step.holder].grants;
  const added = grants.filter((one) => !before.includes(one));
  if (step.holder === 'user') return added.length > 0 && model.lacks(actor, 0n, isWide(user));
  return model.lacksKey(actor, { owner: key.owner, grants: added });
}
