import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Keys that were hashed elsewhere. They are rows of api_keys like all others, without a hash of ours until their first
 * use; what finds and proves them until then stands here. Servers hear of new ones on the channel keyward_imports.
 */
export class ImportedKeys1764000041000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table api_keys
        alter column secret_hash drop not null,
        alter column pepper_version drop not null,
        add constraint api_keys_secret_hash_check check ((secret_hash is null) = (pepper_version is null))`);
    // printable ASCII in byte order, so that everything that begins with a text is one range of the index
    await runner.query(`
      create table imported_keys (
        api_key_id uuid constraint imported_keys_pkey primary key
          constraint imported_keys_api_key_id_fkey references api_keys (id) on delete cascade,
        scheme text not null,
        identity bytea not null constraint imported_keys_identity_key unique,
        locator bytea constraint imported_keys_locator_key unique,
        lookup text collate "C",
        form text,
        imported_at timestamptz not null default now(),
        rehashed_at timestamptz,
        constraint imported_keys_form_check check ((form is null) = (lookup is null)),
        constraint imported_keys_found_check check (locator is not null or lookup is not null)
      )`);
    await runner.query('create index imported_keys_lookup_idx on imported_keys (lookup) where lookup is not null');
    await runner.query(`
      create table import_secrets (
        name text constraint import_secrets_pkey primary key,
        sealed bytea not null,
        key_version text not null
      )`);
    await runner.query(`
      create function keyward_notify_imports() returns trigger language plpgsql as $$
      begin
        perform pg_notify('keyward_imports', '');
        return null;
      end $$`);
    await runner.query(`
      create trigger imported_keys_notify_imports after insert or delete
      on imported_keys for each statement execute function keyward_notify_imports()`);
    await runner.query(`
      create trigger import_secrets_notify_imports after insert or update or delete
      on import_secrets for each statement execute function keyward_notify_imports()`);
  }

  /** The keys go with what finds them: the schema before has no place for a key without a hash. */
  async down(runner: QueryRunner): Promise<void> {
    const imported = 'select api_key_id from imported_keys';
    await runner.query(`update api_keys set rotated_from = null where rotated_from in (${imported})`);
    await runner.query(`delete from quota_usages where api_key_id in (${imported})`);
    await runner.query(`delete from api_keys where id in (${imported})`);
    await runner.query('drop table import_secrets');
    await runner.query('drop table imported_keys');
    await runner.query('drop function keyward_notify_imports()');
    await runner.query(`
      alter table api_keys
        drop constraint api_keys_secret_hash_check,
        alter column pepper_version set not null,
        alter column secret_hash set not null`);
  }
}
