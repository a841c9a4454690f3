import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Orders, each of one user. */
export class Orders1764000021000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table orders (
        id uuid constraint orders_pkey primary key,
        organization_id uuid not null constraint orders_organization_id_fkey references organizations (id),
        owner_id uuid not null constraint orders_owner_id_fkey references users (id),
        reference text,
        currency text not null,
        items jsonb not null,
        note text,
        cancelled_at timestamptz,
        cancellation_reason text,
        version integer not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        constraint orders_reference_key unique (owner_id, reference)
      )`);
    await runner.query('create index orders_owner_id_idx on orders (owner_id, id)');
    await runner.query('create index orders_organization_id_idx on orders (organization_id, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table orders');
  }
}
