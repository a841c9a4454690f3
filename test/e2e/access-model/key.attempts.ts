import { type Key, newKey, timeOf, union, type User } from './access.model.js';
import { type Attempt, type Cast, first } from './attempt.js';

const NOT_FOUND = 'request.not_found';
const ESCALATION = 'permission.escalation';

/** For oneself, or as a manager of keys for anybody. */
export function issueKey({ model, actor, step, user }: Cast): Attempt {
  const owner = step.own ? actor.owner : user;
  const inherited = handedOn(actor, owner);
  const expires = step.expires ?? inherited;
  const asked = step.flag ? step.grants : undefined;
  const grants = union(asked ?? (owner === actor.owner ? actor.grants : model.heldThrough(actor)));
  return {
    method: 'POST',
    path: step.own ? '/api-keys' : `/admin/users/${owner.id}/api-keys`,
    body: {
      name: 'k',
      permissions: asked,
      ...(step.expires === undefined ? {} : { expiresAt: timeOf(step.expires) }),
    },
    needs: step.own ? 'api-keys:create' : 'api-keys:manage',
    refusal: first(
      [!step.own && !model.seesUser(actor, owner), NOT_FOUND],
      [
        expires > inherited || model.lacksGrants(actor, asked ?? []) || model.lacksKey(actor, { owner, grants }),
        ESCALATION,
      ],
    ),
    shows: { permissions: grants, expiresAt: timeOf(expires), ownerId: owner.id },
    effect: (body) => model.keys.push({ ...newKey(body, owner), grants, expires }),
  };
}

/** Replaced by one with another secret, at once or after a grace. */
export function rotateKey({ model, actor, step, key }: Cast): Attempt {
  const isUsable = model.statusOf(key) === 'active';
  return {
    method: 'POST',
    path: `${pathOf(key, step.own)}/rotate`,
    body: { graceSeconds: step.flag ? 3600 : 0 },
    needs: step.own ? 'api-keys:rotate' : 'api-keys:manage',
    refusal: first(
      [isHidden(key, { model, actor, step }), NOT_FOUND],
      [key.isRotated, 'api_key.already_rotated'],
      [!model.mayManage(actor, key.owner), ESCALATION],
      [!isUsable, 'api_key.not_usable'],
      [key.expires > handedOn(actor, key.owner) || model.lacksKey(actor, key), ESCALATION],
    ),
    shows: { permissions: key.grants, expiresAt: timeOf(key.expires), ownerId: key.owner.id },
    effect: (body) => {
      Object.assign(key, { isRotated: true, revoked: step.flag ? 'later' : 'now' });
      model.keys.push({ ...newKey(body, key.owner), grants: key.grants, expires: key.expires });
    },
  };
}

/** Disabled, enabled, granted something else or given another end. */
export function changeKey({ model, actor, step, key }: Cast): Attempt {
  const { body, after, asked } = changes[step.choice % changes.length]!(step, key);
  const mayWiden = after.disabled !== true;
  const changed = { ...key, ...after };
  return {
    method: 'PATCH',
    path: pathOf(key, step.own),
    body,
    needs: step.own ? 'api-keys:update' : 'api-keys:manage',
    refusal: first(
      [isHidden(key, { model, actor, step }), NOT_FOUND],
      [!model.mayManage(actor, key.owner), ESCALATION],
      [key.revoked === 'now', 'api_key.not_usable'],
      [model.lacksGrants(actor, asked), ESCALATION],
      [mayWiden && (changed.expires > handedOn(actor, key.owner) || model.lacksKey(actor, changed)), ESCALATION],
    ),
    shows: { id: key.id, permissions: changed.grants, status: model.statusOf(changed) },
    effect: () => Object.assign(key, after),
  };
}

export function revokeKey({ model, actor, step, key }: Cast): Attempt {
  return {
    method: 'DELETE',
    path: pathOf(key, step.own),
    needs: step.own ? 'api-keys:revoke' : 'api-keys:manage',
    refusal: first(
      [isHidden(key, { model, actor, step }), NOT_FOUND],
      [!model.mayManage(actor, key.owner), ESCALATION],
    ),
    effect: () => (key.revoked = 'now'),
  };
}

interface Change {
  readonly body: object;
  readonly after: Partial<Pick<Key, 'disabled' | 'grants' | 'expires'>>;
  readonly asked: readonly string[];
}

const changes: readonly ((step: Cast['step'], key: Key) => Change)[] = [
  () => ({ body: { status: 'disabled' }, after: { disabled: true }, asked: [] }),
  () => ({ body: { status: 'active' }, after: { disabled: false }, asked: [] }),
  ({ grants }) => ({ body: { permissions: grants }, after: { grants: union(grants) }, asked: grants }),
  ({ expires = Infinity }) => ({ body: { expiresAt: timeOf(expires) }, after: { expires }, asked: [] }),
];

const pathOf = ({ id }: Key, own: boolean): string => (own ? `/api-keys/${id}` : `/admin/api-keys/${id}`);

const isHidden = ({ owner }: Key, { model, actor, step }: Pick<Cast, 'model' | 'actor' | 'step'>): boolean =>
  step.own ? owner !== actor.owner : !model.sees(actor, owner.organization);

/** A key that ends hands its end on to what is done with it for its owner's keys. */
const handedOn = (actor: Key, owner: User): number => (actor.owner === owner ? actor.expires : Infinity);
