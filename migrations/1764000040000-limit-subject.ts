import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rate and quota are counted for a key and all its successors together: rotating a key gives nobody a fresh quota. Null: for itself. */
export class LimitSubject1764000040000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table api_keys add column limit_subject uuid');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table api_keys drop column limit_subject');
  }
}
