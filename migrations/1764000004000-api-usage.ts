import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One row for every call. No foreign keys and few indexes: it is written in bulk by COPY, and a record outlives the key,
 * the user and the organization that it speaks of.
 */
export class ApiUsage1764000004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table api_usage (
        occurred_at timestamptz not null,
        duration_us integer not null,
        status_code smallint not null,
        method text not null,
        route text,
        api_key_id uuid,
        user_id uuid,
        organization_id uuid,
        address inet,
        user_agent text,
        request_id text not null,
        problem_code text,
        refusal text
      )`);
    await runner.query(
      'create index api_usage_occurred_at_idx on api_usage using brin (occurred_at) with (pages_per_range = 32, autosummarize = on)',
    );
    await runner.query(
      'create index api_usage_api_key_id_idx on api_usage (api_key_id, occurred_at) where api_key_id is not null',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table api_usage');
  }
}
