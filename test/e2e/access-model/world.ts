import { randomUUID } from 'node:crypto';
import { uuidV7 } from '#libs/http';
import { AccessChanges } from '#libs/permissions';
import { KeyMint, type MintedKey } from '../../../libs/api-keys/src/key-mint.js';
import type { TestApp } from '../../support/test-app.js';
import {
  AccessModel,
  type Key,
  newKey,
  newUser,
  type Organization,
  Powers,
  type Role,
  timeOf,
} from './access.model.js';
import { Caller } from './caller.js';
import type { Beginning } from './sequence.js';

/** What all sequences on one application have in common. */
export interface Ground {
  readonly app: TestApp;
  readonly caller: Caller;
  readonly mint: KeyMint;
  readonly powers: Powers;
  readonly builtIn: readonly Role[];
  readonly root: Key;
}

/** Reads from the application what is there before any sequence: permissions, built-in roles, its administrator. */
export async function ground(app: TestApp): Promise<Ground> {
  const { categories } = (await app.get('/admin/permissions')).body;
  const { items } = (await app.get('/admin/roles')).body;
  const builtIn: Role[] = items.map(({ id, name, permissions: grants, installationWide: wide }: any) => ({
    id,
    name,
    organization: null,
    builtIn: true,
    wide,
    grants,
  }));
  const roles = builtIn.filter(({ name }) => name === 'admin');
  const owner = { ...newUser(app.adminId, { id: '', suspended: false }), roles };
  return {
    app,
    caller: new Caller(app.url),
    mint: app.app.get(KeyMint, { strict: false }),
    powers: new Powers(categories.flatMap(({ permissions }: any) => permissions.map(({ name }: any) => name))),
    builtIn,
    root: { ...newKey({ id: app.adminKeyId, key: app.adminKey }, owner), grants: ['*'] },
  };
}

/** Two organizations of its own for one sequence, in the database and in the model. */
export async function newWorld(
  { app, mint, powers, builtIn, root }: Ground,
  beginning: Beginning,
): Promise<AccessModel> {
  const [home, away] = [randomUUID(), randomUUID()].map((id): Organization => ({ id, suspended: false }));
  const roles: Role[] = beginning.roles.map((grants, index) => ({
    id: randomUUID(),
    name: `${home!.id}-${index}`,
    organization: index === 0 ? home! : null,
    builtIn: false,
    wide: index === 1 && beginning.isWide,
    grants: [...new Set(grants)],
  }));
  const model = new AccessModel(powers, [home!, away!], root, [...roles, ...builtIn]);
  for (const [index, { roles: chosen, grants }] of beginning.users.entries()) {
    const organization = index === 2 ? away! : home!;
    const offered = model.roles.filter((role) => role.organization === null || role.organization === organization);
    const held = new Set(
      chosen.map((choice) => offered[choice % offered.length]!).filter(({ name }) => name !== 'admin'),
    );
    model.users.push({ ...newUser(randomUUID(), organization), roles: [...held], grants: [...new Set(grants)] });
  }
  // the first user has a second key that does not end, beside one that may
  const minted = [...model.users, model.users[0]!].map((owner, index, { length }) => {
    const id = uuidV7();
    const { keyGrants, ...bounds } = beginning.users[index % (length - 1)]!;
    const expires = index < length - 1 ? bounds.expires : Infinity;
    const { wholeKey, ...kept } = mint.mint('live', id);
    const key = Object.assign(newKey({ id, key: wholeKey }, owner), { grants: [...new Set(keyGrants)], expires });
    model.keys.push(key);
    return Object.assign(kept, { key });
  });
  await store(app, model, minted);
  return model;
}

/** The grace of the key's rotation is over, or its end has come. */
export async function letTimePass({ app }: Ground, key: Key): Promise<void> {
  if (key.revoked === 'later') key.revoked = 'now';
  else if (key.expires !== Infinity) key.expires = 0;
  else return;
  const ended = key.revoked === 'now' ? 'revoked_at' : 'expires_at';
  await app.sql(`update api_keys set ${ended} = now() - interval '1 ms' where id = $1`, [key.id]);
  // what was written past the application has been announced to it, but perhaps not arrived; time itself needs no news
  app.app.get(AccessChanges, { strict: false }).publish({ keyId: key.id });
}

type StoredKey = Omit<MintedKey, 'wholeKey'> & { readonly key: Key };

async function store(
  app: TestApp,
  { organizations, roles, users }: AccessModel,
  keys: readonly StoredKey[],
): Promise<void> {
  const made = roles.filter(({ builtIn }) => !builtIn);
  const assigned = users.flatMap((user) => user.roles.map((role) => [user.id, role.id]));
  await app.sql(
    `with o as (insert into organizations (id, slug, name) select id::uuid, id, id from unnest($1::text[]) id),
          r as (insert into roles (id, organization_id, name, installation_wide, grants)
            select r.id, r.organization_id, r.name, r.wide, array(select jsonb_array_elements_text(r.grants))
            from jsonb_to_recordset($2) r(id uuid, organization_id uuid, name text, wide boolean, grants jsonb)),
          u as (insert into users (id, organization_id, email, grants)
            select u.id, u.organization_id, u.id || '@example.com', array(select jsonb_array_elements_text(u.grants))
            from jsonb_to_recordset($3) u(id uuid, organization_id uuid, grants jsonb)),
          k as (insert into api_keys (id, organization_id, owner_id, name, environment, start, secret_hash, pepper_version, expires_at, grants)
            select k.id, k.organization_id, k.owner_id, 'k', 'live', k.start, decode(k.hash, 'hex'), k.pepper, k.expires_at,
              array(select jsonb_array_elements_text(k.grants))
            from jsonb_to_recordset($6) k(id uuid, organization_id uuid, owner_id uuid, start text, hash text, pepper text, expires_at timestamptz, grants jsonb))
     insert into role_assignments (user_id, role_id) select * from unnest($4::uuid[], $5::uuid[])`,
    [
      organizations.map(({ id }) => id),
      JSON.stringify(
        made.map(({ id, organization, name, wide, grants }) => ({
          id,
          organization_id: organization?.id,
          name,
          wide,
          grants,
        })),
      ),
      JSON.stringify(users.map(({ id, organization, grants }) => ({ id, organization_id: organization.id, grants }))),
      assigned.map(([userId]) => userId),
      assigned.map(([, roleId]) => roleId),
      JSON.stringify(
        keys.map(({ key: { id, owner, grants, expires }, start, secretHash, pepperVersion }) => ({
          id,
          organization_id: owner.organization.id,
          owner_id: owner.id,
          start,
          hash: secretHash.toString('hex'),
          pepper: pepperVersion,
          expires_at: timeOf(expires),
          grants,
        })),
      ),
    ],
  );
}
