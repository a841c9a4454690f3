import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The permission catalogue as last synchronised, roles with their grants, and who has which role. */
export class PermissionsAndRoles1764000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table permissions (
        name text constraint permissions_pkey primary key,
        category text not null,
        description text not null,
        declared_at timestamptz not null default now(),
        retired_at timestamptz
      )`);
    await runner.query(`
      create table roles (
        id uuid constraint roles_pkey primary key,
        organization_id uuid constraint roles_organization_id_fkey references organizations (id),
        name text not null,
        description text not null default '',
        grants text[] not null default '{}',
        built_in boolean not null default false,
        installation_wide boolean not null default false,
        version integer not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        constraint roles_name_key unique nulls not distinct (organization_id, name)
      )`);
    await runner.query(`
      insert into roles (id, name, description, grants, built_in, installation_wide) values
        ('00000000-0000-7000-8000-000000000001', 'admin', 'Everything, in every organization', '{*}', true, true),
        ('00000000-0000-7000-8000-000000000002', 'user', 'Own keys, own orders, own profile',
         '{api-keys:create,api-keys:read,api-keys:update,api-keys:rotate,api-keys:revoke,orders:*,profile:*}', true, false)`);
    await runner.query(`
      create table role_assignments (
        user_id uuid not null constraint role_assignments_user_id_fkey references users (id) on delete cascade,
        role_id uuid not null constraint role_assignments_role_id_fkey references roles (id),
        assigned_at timestamptz not null default now(),
        constraint role_assignments_pkey primary key (user_id, role_id)
      )`);
    await runner.query('create index role_assignments_role_id_idx on role_assignments (role_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table role_assignments');
    await runner.query('drop table roles');
    await runner.query('drop table permissions');
  }
}
