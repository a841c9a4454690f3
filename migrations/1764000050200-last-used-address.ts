import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where a key was last used from. It goes with the person, like everything that says where somebody was. */
export class LastUsedAddress1764000050200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table api_keys add column last_used_address inet');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table api_keys drop column last_used_address');
  }
}
