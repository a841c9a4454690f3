import { isDeepStrictEqual } from 'node:util';
import { type AccessModel, isWide, type Key } from './access.model.js';
import type { Attempt, Cast } from './attempt.js';
import { grant, withdraw } from './grant.attempts.js';
import { changeKey, issueKey, revokeKey, rotateKey } from './key.attempts.js';
import { call, explain, verify } from './reading.attempts.js';
import { createRole, deleteRole, editRole } from './role.attempts.js';
import type { Action, Beginning, Step } from './sequence.js';
import { assignRoles, createUser, deleteUser, lockUser, suspendOrganization, unlockUser } from './user.attempts.js';
import { type Ground, letTimePass, newWorld } from './world.js';

const attempts: Record<Exclude<Action, 'timePasses'>, (cast: Cast) => Attempt> = {
  call,
  explain,
  verify,
  createRole,
  editRole,
  deleteRole,
  createUser,
  assignRoles,
  lockUser,
  unlockUser,
  deleteUser,
  suspendOrganization,
  grant,
  withdraw,
  issueKey,
  rotateKey,
  changeKey,
  revokeKey,
};

/** What was answered, and what the model would have answered. */
interface Outcome {
  readonly code: string;
  readonly [member: string]: unknown;
}

/**
 * Does everything twice, in the application and in the model, and throws at the first answer in which they differ. A key
 * is called just before and just after every change: no answer is of before the change. Resolves to the number of calls.
 */
export async function runSequence(
  ground: Ground,
  { beginning, steps }: { beginning: Beginning; steps: readonly (Step | null)[] },
): Promise<number> {
  const model = await newWorld(ground, beginning);
  const told: string[] = [describe(model)];
  let calls = 0;
  const perform = async (actor: Key, attempt: Attempt): Promise<void> => {
    calls += 1;
    await compare(ground, model, actor, attempt, told);
  };
  for (const step of steps) {
    if (step === null) continue;
    const cast = castOf(model, step);
    const witness = step.flag ? cast.key : model.keys[step.choice % model.keys.length]!;
    const watched = async (change: () => Promise<void>): Promise<void> => {
      await perform(witness, call({ actor: witness, step }));
      await change();
      await perform(witness, call({ actor: witness, step }));
    };
    if (step.action === 'timePasses') {
      await watched(() => letTimePass(ground, cast.key));
      told.push(`Time has passed for key ${cast.key.id}.`);
      continue;
    }
    const attempt = attempts[step.action](cast);
    const act = (): Promise<void> => perform(cast.actor, attempt);
    const isChange = attempt.effect !== undefined && refusalOf(model, cast.actor, attempt) === undefined;
    await (isChange ? watched(act) : act());
  }
  return calls;
}

function castOf(model: AccessModel, step: Step): Cast {
  const one = <T>(list: readonly T[], choice: number): T => list[choice % list.length]!;
  const actor = step.actor === undefined ? model.root : one(model.keys, step.actor);
  const own = model.keys.filter(({ owner }) => owner === actor.owner);
  return {
    model,
    step,
    actor,
    user: one(model.users, step.user),
    key: one(step.own && !step.away && own.length > 0 ? own : model.keys, step.key),
    role: one(model.roles, step.role),
  };
}

async function compare(
  { caller }: Ground,
  model: AccessModel,
  actor: Key,
  attempt: Attempt,
  told: string[],
): Promise<void> {
  const { method, path, body, shows = {}, view = (all) => all, effect } = attempt;
  const refusal = refusalOf(model, actor, attempt);
  const expected: Outcome = refusal === undefined ? { code: 'done', ...shows } : { code: refusal };
  const answer = await caller.call(method, path, actor.secret, body);
  const isDone = answer.status < 300;
  const answered: Outcome = isDone ? { code: 'done', ...pick(view(answer.body), shows) } : { code: answer.body.code };
  told.push(`${nameOf(model, actor)}: ${method} ${path} ${JSON.stringify(body ?? {})} → ${JSON.stringify(answered)}`);
  if (!isDeepStrictEqual(answered, expected)) {
    throw new Error(
      [
        `The model says ${JSON.stringify(expected)}, the application answered ${answer.status} ${answer.text}`,
        ...told,
      ].join('\n  '),
    );
  }
  if (refusal !== undefined) return;
  const before = new Map(model.keys.map((key) => [key, reachOf(model, key)]));
  const held = reachOf(model, actor);
  effect?.(answer.body);
  const risen = model.keys.find((key) => (reachOf(model, key) & ~(before.get(key) ?? 0n) & ~held) !== 0n);
  if (risen !== undefined)
    throw new Error([`The rules let somebody rise: ${nameOf(model, risen)}`, ...told].join('\n  '));
}

/** The code with which the model refuses the call: for the credential, for want of the permission, or for what it asks. */
function refusalOf(model: AccessModel, actor: Key, { needs, refusal }: Attempt): string | undefined {
  const isHeld = needs === null || (model.powerOf(actor) & model.powers.exactly(needs)) !== 0n;
  return model.refusalOf(actor) ?? (isHeld ? refusal : 'permission.missing');
}

/** What a key may do in its organization, and beside it what it may do in every one. */
function reachOf(model: AccessModel, key: Key): bigint {
  const power = model.powerOf(key);
  return isWide(key.owner) ? power | (power << model.powers.size) : power;
}

function pick(from: Record<string, unknown>, like: object): Record<string, unknown> {
  return Object.fromEntries(Object.keys(like).map((name) => [name, from[name]]));
}

const nameOf = ({ root }: AccessModel, { id }: Key): string => (id === root.id ? 'the administrator' : `key ${id}`);

function describe({ roles, users, keys }: AccessModel): string {
  const named = users.map((user) => ({
    ...user,
    organization: user.organization.id,
    roles: user.roles.map(({ name }) => name),
  }));
  const all = {
    roles: roles.filter(({ builtIn }) => !builtIn),
    users: named,
    keys: keys.map(({ id, owner, grants }) => ({ id, owner: owner.id, grants })),
  };
  return `In the beginning: ${JSON.stringify(all)}`;
}
