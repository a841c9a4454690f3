import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What erasing a person needs: a key for each, under which the audit log keeps what is personal and which goes with the
 * person; who was erased; and the usage records that still have to be stripped of addresses.
 */
export class PersonalData1764000032000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table users add column erased_at timestamptz');
    // no foreign key: what the audit log needs refers to nothing. Without a key, what was sealed stays so for good.
    await runner.query(`
      create table personal_keys (
        user_id uuid constraint personal_keys_pkey primary key,
        key bytea,
        shredded_at timestamptz,
        constraint personal_keys_shredded_check check ((key is null) = (shredded_at is not null))
      )`);
    await runner.query(`
      create table usage_erasures (
        user_id uuid constraint usage_erasures_pkey primary key,
        requested_at timestamptz not null default now(),
        completed_at timestamptz
      )`);
    await runner.query(
      'create index usage_erasures_pending_idx on usage_erasures (requested_at) where completed_at is null',
    );
    // finds the calls of a user that were made without a key of the table api_keys; it costs all others nothing
    await runner.query(`
      create index api_usage_keyless_user_idx on api_usage (user_id, occurred_at)
      where api_key_id is null and user_id is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index api_usage_keyless_user_idx');
    await runner.query('drop table usage_erasures');
    await runner.query('drop table personal_keys');
    await runner.query('alter table users drop column erased_at');
  }
}
