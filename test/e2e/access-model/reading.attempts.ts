import { type Attempt, type Cast, first } from './attempt.js';
import { gives, type Key } from './access.model.js';

/** Routes that need one permission each and refuse nobody who has it. */
const routes: readonly ((key: Key) => Pick<Attempt, 'path' | 'needs'>)[] = [
  () => ({ path: '/admin/permissions', needs: 'permissions:read' }),
  ({ id }) => ({ path: `/api-keys/${id}`, needs: 'api-keys:read' }),
  ({ owner }) => ({ path: `/admin/users/${owner.id}`, needs: 'users:read' }),
  () => ({ path: '/orders?limit=1', needs: 'orders:read' }),
  () => ({ path: '/profile', needs: null }),
];

export const call = ({ actor, step }: Pick<Cast, 'actor' | 'step'>): Attempt => ({
  method: 'GET',
  ...routes[step.choice % routes.length]!(actor),
});

/** The explanation says what a call would meet, as far as grants decide it, and names what gives: an owner who is gone, nothing. */
export function explain({ model, actor, step, key }: Cast): Attempt {
  const permission = permissionOf(step);
  const { owner } = key;
  const givingBy = (grants: readonly string[]): string[] => grants.filter((one) => gives(one, permission)).toSorted();
  const byOwner = owner.deleted ? [] : givingBy([...owner.roles.flatMap(({ grants }) => grants), ...owner.grants]);
  const byKey = givingBy(key.grants);
  return {
    method: 'GET',
    path: `/admin/permissions/explain?keyId=${key.id}&permission=${permission}`,
    needs: 'permissions:read',
    refusal: first([!model.sees(actor, owner.organization), 'request.not_found']),
    shows: {
      allowed: byOwner.length > 0 && byKey.length > 0,
      status: owner.deleted ? 'revoked' : model.statusOf(key),
      owner: byOwner,
      key: byKey,
    },
    view: (body) => ({ ...body, owner: grantsIn(body.owner), key: grantsIn(body.key) }),
  };
}

/** Another service is told of a key what a call with it would meet. */
export function verify({ model, actor, step, key }: Cast): Attempt {
  const permission = permissionOf(step);
  const isHeld = (model.powerOf(key) & model.powers.exactly(permission)) !== 0n;
  const refusal = model.sees(actor, key.owner.organization)
    ? (model.refusalOf(key) ?? (isHeld ? undefined : 'permission.missing'))
    : 'api_key.invalid';
  return {
    method: 'POST',
    path: '/api-keys/verify',
    body: { key: key.secret, permissions: [permission] },
    needs: 'api-keys:verify',
    shows: { valid: refusal === undefined, code: refusal ?? 'valid' },
  };
}

const permissionOf = ({ choice }: Cast['step']): string =>
  ['users:read', 'api-keys:manage', 'permissions:assign', 'orders:read', 'logs:read'][choice % 5]!;

const grantsIn = (sources: { grant: string }[]): string[] => sources.map(({ grant }) => grant).toSorted();
