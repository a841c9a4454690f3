import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Creations that were sent with an Idempotency-Key. A row says nothing by itself: its identity is a hash, and its answer
 * is sealed under the request, so that only the same request opens it.
 */
export class IdempotencyRecords1764000010000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table idempotency_records (
        identity bytea constraint idempotency_records_pkey primary key,
        sealed bytea not null,
        created_at timestamptz not null default now()
      )`);
    await runner.query('create index idempotency_records_created_at_idx on idempotency_records (created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table idempotency_records');
  }
}
