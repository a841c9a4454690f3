import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Organizations, and the users who belong to them. */
export class OrganizationsAndUsers1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table organizations (
        id uuid constraint organizations_pkey primary key,
        slug text not null,
        name text not null,
        suspended_at timestamptz,
        deleted_at timestamptz,
        version integer not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      )`);
    await runner.query('create unique index organizations_slug_key on organizations (slug) where deleted_at is null');
    await runner.query(`
      insert into organizations (id, slug, name)
      values ('00000000-0000-7000-8000-000000000000', 'default', 'Default organization')`);
    await runner.query(`
      create table users (
        id uuid constraint users_pkey primary key,
        organization_id uuid not null constraint users_organization_id_fkey references organizations (id),
        email text not null,
        name text,
        subscription_tier text not null default 'free',
        grants text[] not null default '{}',
        api_key_hash text constraint users_api_key_hash_check check (api_key_hash ~ '^[0-9a-f]{64}$'),
        locked_at timestamptz,
        locked_until timestamptz,
        lock_reason text,
        deleted_at timestamptz,
        version integer not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      )`);
    await runner.query('create unique index users_email_key on users (lower(email)) where deleted_at is null');
    await runner.query(
      'create unique index users_api_key_hash_key on users (api_key_hash) where api_key_hash is not null',
    );
    await runner.query('create index users_organization_id_idx on users (organization_id, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table users');
    await runner.query('drop table organizations');
  }
}
