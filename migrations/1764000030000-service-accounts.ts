import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users who are no persons: keys that belong to an organization outlive whoever made them. */
export class ServiceAccounts1764000030000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table users add column kind text not null default 'person'
        constraint users_kind_check check (kind in ('person', 'service'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table users drop column kind');
  }
}
