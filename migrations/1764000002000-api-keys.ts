import type { MigrationInterface, QueryRunner } from 'typeorm';

/** API keys. Of the secret only HMAC-SHA256(pepper, secret) is here, with the version of the pepper. */
export class ApiKeys1764000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table api_keys (
        id uuid constraint api_keys_pkey primary key,
        organization_id uuid not null constraint api_keys_organization_id_fkey references organizations (id),
        owner_id uuid not null constraint api_keys_owner_id_fkey references users (id),
        name text not null,
        description text,
        environment text not null,
        start text not null,
        secret_hash bytea not null,
        pepper_version text not null,
        grants text[] not null,
        allowed_addresses text[] not null default '{}',
        rate_limit jsonb,
        quota jsonb,
        metadata jsonb not null default '{}',
        tags text[] not null default '{}',
        expires_at timestamptz,
        disabled_at timestamptz,
        revoked_at timestamptz,
        revocation_reason text,
        rotated_from uuid constraint api_keys_rotated_from_key unique
          constraint api_keys_rotated_from_fkey references api_keys (id),
        last_used_at timestamptz,
        version integer not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      )`);
    await runner.query('create index api_keys_owner_id_idx on api_keys (owner_id, id)');
    await runner.query('create index api_keys_organization_id_idx on api_keys (organization_id, id)');
    await runner.query(`
      create table quota_usages (
        api_key_id uuid not null constraint quota_usages_api_key_id_fkey references api_keys (id),
        period_start timestamptz not null,
        used bigint not null,
        constraint quota_usages_pkey primary key (api_key_id, period_start)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table quota_usages');
    await runner.query('drop table api_keys');
  }
}
