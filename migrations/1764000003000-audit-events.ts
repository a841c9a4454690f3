import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who changed what. No foreign keys: an event outlives everything that it speaks of. */
export class AuditEvents1764000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table audit_events (
        id uuid constraint audit_events_pkey primary key,
        occurred_at timestamptz not null default clock_timestamp(),
        actor_kind text not null,
        actor_name text,
        actor_user_id uuid,
        actor_key_id uuid,
        organization_id uuid,
        action text not null,
        target_type text not null,
        target_id text,
        before jsonb,
        after jsonb,
        address text,
        user_agent text,
        request_id text
      )`);
    await runner.query('create index audit_events_target_idx on audit_events (target_type, target_id, id)');
    await runner.query('create index audit_events_actor_user_id_idx on audit_events (actor_user_id, id)');
    await runner.query('create index audit_events_organization_id_idx on audit_events (organization_id, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table audit_events');
  }
}
