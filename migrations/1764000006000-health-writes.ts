import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the readiness probe writes, to know whether anything can be written. Each row takes a page of its own, so that
 * every probe also needs space on the disk: a table with free pages can be written long after the disk is full.
 */
export class HealthWrites1764000006000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table health_writes (
        written_at timestamptz not null default clock_timestamp(),
        filler text not null
      ) with (fillfactor = 10)`);
    await runner.query('alter table health_writes alter column filler set storage plain');
    // Emptied at 1 MiB, but never waited for: a backup may be reading the table for hours, and whoever waits for an
    // exclusive lock makes every later probe wait too.
    await runner.query(`
      create function keyward_probe_write() returns void language plpgsql as $$
      begin
        if pg_relation_size('health_writes') >= 1048576 then
          begin
            lock table health_writes in access exclusive mode nowait;
            truncate health_writes;
          exception when lock_not_available then null;
          end;
        end if;
        insert into health_writes (filler) values (repeat('.', 600));
      end $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function keyward_probe_write()');
    await runner.query('drop table health_writes');
  }
}
