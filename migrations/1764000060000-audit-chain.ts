import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Makes the audit log a chain: rows are numbered without gaps, and each carries a hash over the one before it. From here on
 * nobody can add a row outside of it. Rows that are there already are taken in once, by the first server that starts:
 * `audit_adopt` can fill what is empty while the chain has not begun, and nothing else.
 */
export class AuditChain1764000060000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table audit_chain (
        id smallint constraint audit_chain_pkey primary key default 1 constraint audit_chain_one_row_check check (id = 1),
        installation uuid not null default gen_random_uuid(),
        position bigint not null default 0,
        hash bytea not null default sha256(''),
        base_position bigint not null default 0,
        base_hash bytea not null default sha256(''),
        base_checkpoint jsonb
      )`);
    await runner.query('insert into audit_chain default values');
    await runner.query(`
      alter table audit_events
        add column position bigint,
        add column hash bytea,
        add column mac bytea,
        add column mac_key text,
        add constraint audit_events_chained_check
          check (position is not null and hash is not null and mac is not null and mac_key is not null) not valid`);
    await runner.query('create unique index audit_events_position_idx on audit_events (position)');
    // a person reads the newest first; what is not in the chain is looked for by its verifier
    await runner.query('create index audit_events_unchained_idx on audit_events (id) where position is null');
    await runner.query(`
      create function audit_adopt(ids uuid[], positions bigint[], hashes bytea[], macs bytea[], key text) returns void
      language plpgsql security definer as $$
      begin
        if (select c.position from audit_chain c for update) <> 0 then
          raise exception 'the audit chain has begun: nothing can be adopted any more';
        end if;
        update audit_events e set position = a.position, hash = a.hash, mac = a.mac, mac_key = key
        from unnest(ids, positions, hashes, macs) as a (id, position, hash, mac)
        where e.id = a.id and e.position is null;
      end $$`);
    await runner.query(`
      do $$ declare adopt constant text := 'audit_adopt(uuid[], bigint[], bytea[], bytea[], text)';
      begin
        execute format('alter function %s set search_path = %I, pg_temp', adopt, current_schema());
        execute format('revoke execute on function %s from public', adopt);
      end $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function audit_adopt');
    await runner.query('drop index audit_events_unchained_idx');
    await runner.query('drop index audit_events_position_idx');
    await runner.query(`
      alter table audit_events
        drop constraint audit_events_chained_check,
        drop column mac_key, drop column mac, drop column hash, drop column position`);
    await runner.query('drop table audit_chain');
  }
}
