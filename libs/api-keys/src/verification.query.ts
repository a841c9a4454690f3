import type { PreparedStatement } from '#libs/database';
import type { Quota, RateLimit } from '#libs/access';

/** Everything that decides over a call with a key; times are milliseconds from the database's now, null for never. */
export interface VerificationRow {
  key_id: string | null;
  name: string | null;
  environment: string | null;
  secret_hash: Buffer | null;
  pepper_version: string | null;
  key_grants: string[];
  allowed_addresses: string[];
  rate_limit: RateLimit | null;
  quota: Quota | null;
  metadata: Record<string, unknown> | null;
  tags: string[] | null;
  expires_at: Date | null;
  expires_in: number | null;
  revoked_in: number | null;
  disabled: boolean;
  limit_subject: string | null;
  owner_id: string;
  organization_id: string;
  lock_reason: string | null;
  locked: boolean;
  locked_until: Date | null;
  lock_ends_in: number | null;
  owner_removed: boolean;
  organization_suspended: boolean;
  owner_grants: string[];
  installation_wide: boolean;
}

const owner = `
  u.id as owner_id, u.organization_id,
  u.locked_at is not null as locked, u.lock_reason, u.locked_until,
  (extract(epoch from u.locked_until - now()) * 1000)::float8 as lock_ends_in,
  u.deleted_at is not null as owner_removed, o.suspended_at is not null as organization_suspended,
  u.grants || coalesce(held.grants, '{}') as owner_grants, coalesce(held.installation_wide, false) as installation_wide`;

const ownerJoins = `
  join organizations o on o.id = u.organization_id
  left join lateral (
    select array_agg(distinct granted) filter (where granted is not null) as grants, bool_or(r.installation_wide) as installation_wide
    from role_assignments a join roles r on r.id = a.role_id left join lateral unnest(r.grants) granted on true
    where a.user_id = u.id) held on true`;

/**
 * The one hot query: a key with its owner, organization and roles, joined over the tables of four libraries because a
 * call with a key must cost one round trip. Nothing else may read across like this.
 */
export const keyVerification: PreparedStatement = {
  name: 'keyward_verify_key',
  text: `
    select k.id as key_id, k.name, k.environment, k.secret_hash, k.pepper_version, k.grants as key_grants,
      k.allowed_addresses, coalesce(k.limit_subject, k.id) as limit_subject, k.rate_limit, k.quota, k.metadata, k.tags, k.expires_at,
      (extract(epoch from k.expires_at - now()) * 1000)::float8 as expires_in,
      (extract(epoch from k.revoked_at - now()) * 1000)::float8 as revoked_in,
      k.disabled_at is not null as disabled, ${owner}
    from api_keys k join users u on u.id = k.owner_id ${ownerJoins}
    where k.id = $1`,
};

/** The same for a legacy key, found by the SHA-256 (hex) of the whole key; it has all that its owner's roles grant. */
export const legacyVerification: PreparedStatement = {
  name: 'keyward_verify_legacy_key',
  text: `
    select null::uuid as key_id, null::text as name, null::text as environment, null::bytea as secret_hash,
      null::text as pepper_version, '{*}'::text[] as key_grants, '{}'::text[] as allowed_addresses, null::uuid as limit_subject,
      null::jsonb as rate_limit, null::jsonb as quota, null::jsonb as metadata, null::text[] as tags,
      null::timestamptz as expires_at, null::float8 as expires_in, null::float8 as revoked_in, false as disabled, ${owner}
    from users u ${ownerJoins}
    where u.api_key_hash = $1`,
};
