import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What detectors noticed. No foreign keys: an event outlives the key and the user that it speaks of. The last constraint
 * keeps an attack from filling the table: of one detector's events about one subject, one is kept for each window of time.
 */
export class SecurityEvents1764000020000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table security_events (
        id uuid constraint security_events_pkey primary key,
        detected_at timestamptz not null,
        detector text not null,
        subject text not null,
        window_start timestamptz not null,
        severity text not null
          constraint security_events_severity_check check (severity in ('low', 'medium', 'high', 'critical')),
        title text not null,
        summary text not null,
        key_id uuid,
        user_id uuid,
        organization_id uuid,
        address text,
        details jsonb not null default '{}',
        status text not null default 'open'
          constraint security_events_status_check check (status in ('open', 'acknowledged', 'resolved')),
        acknowledged_at timestamptz,
        acknowledged_by uuid,
        resolved_at timestamptz,
        resolved_by uuid,
        note text,
        version integer not null default 1,
        constraint security_events_window_key unique (detector, subject, window_start)
      )`);
    await runner.query('create index security_events_organization_id_idx on security_events (organization_id, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table security_events');
  }
}
