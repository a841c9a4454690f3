import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Every change to what somebody may do is announced on the channel keyward_access when it commits, whichever route, tool
 * or hand made it: replicas drop what they hold in memory about it.
 */
export class AccessNotifications1764000005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function keyward_notify_access() returns trigger language plpgsql as $$
      begin
        perform pg_notify('keyward_access', case tg_argv[0]
          when 'key' then 'key ' || (to_jsonb(coalesce(new, old)) ->> 'id')
          when 'user' then 'user ' || (to_jsonb(coalesce(new, old)) ->> tg_argv[1])
          else 'all' end);
        return null;
      end $$`);
    await runner.query(`
      create trigger api_keys_notify_access after delete or update of
        organization_id, owner_id, environment, secret_hash, pepper_version, grants, allowed_addresses, rate_limit, quota,
        expires_at, disabled_at, revoked_at
      on api_keys for each row execute function keyward_notify_access('key')`);
    await runner.query(`
      create trigger users_notify_access after insert or delete or update of
        organization_id, grants, api_key_hash, locked_at, locked_until, deleted_at
      on users for each row execute function keyward_notify_access('user', 'id')`);
    await runner.query(`
      create trigger role_assignments_notify_access after insert or delete or update
      on role_assignments for each row execute function keyward_notify_access('user', 'user_id')`);
    await runner.query(`
      create trigger roles_notify_access after delete or update of grants, installation_wide
      on roles for each statement execute function keyward_notify_access('all')`);
    await runner.query(`
      create trigger organizations_notify_access after update of suspended_at
      on organizations for each statement execute function keyward_notify_access('all')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['organizations', 'roles', 'role_assignments', 'users', 'api_keys']) {
      await runner.query(`drop trigger ${table}_notify_access on ${table}`);
    }
    await runner.query('drop function keyward_notify_access()');
  }
}
