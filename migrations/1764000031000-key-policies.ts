import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the keys of an organization must keep to, in one environment or, under the name '*', in all of them. */
export class KeyPolicies1764000031000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table key_policies (
        organization_id uuid not null constraint key_policies_organization_id_fkey references organizations (id),
        environment text not null,
        default_lifetime_days integer,
        maximum_lifetime_days integer,
        allow_list_required boolean not null default false,
        forbidden_permissions text[] not null default '{}',
        maximum_keys_per_owner integer,
        maximum_keys integer,
        version integer not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        constraint key_policies_pkey primary key (organization_id, environment)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table key_policies');
  }
}
