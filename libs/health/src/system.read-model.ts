import { Injectable } from '@nestjs/common';
import { Database, loadMigrations, type Standing, standingOf } from '#libs/database';

/** How much the installation holds, or one organization of it. */
export interface Holdings {
  readonly organizations: number;
  readonly users: number;
  readonly active_keys: number;
}

/** Questions about the installation as a whole, over the tables of all features. */
@Injectable()
export class SystemReadModel {
  constructor(private readonly database: Database) {}

  /** `organizationId`: only what belongs to it; null: everything. */
  async holdings(organizationId: string | null): Promise<Holdings> {
    const [row] = await this.database.query<Holdings>(
      `select
         (select count(*)::float8 from organizations where $1::uuid is null or id = $1) as organizations,
         (select count(*)::float8 from users where deleted_at is null and ($1::uuid is null or organization_id = $1)) as users,
         (select count(*)::float8 from api_keys where disabled_at is null and (revoked_at is null or revoked_at > now())
            and (expires_at is null or expires_at > now()) and ($1::uuid is null or organization_id = $1)) as active_keys`,
      [organizationId],
    );
    return row ?? { organizations: 0, users: 0, active_keys: 0 };
  }

  async databaseVersion(): Promise<string> {
    const [row] = await this.database.query<{ version: string }>(`select current_setting('server_version') as version`);
    return row?.version ?? 'unknown';
  }

  /** As whom the connections of the server work. */
  role(): Promise<Standing> {
    return standingOf((sql, parameters) => this.database.query(sql, parameters));
  }

  /** By name, oldest first; unlike `migrationStatus` it makes no connection and is bounded as every query is. */
  async migrations(): Promise<{ applied: string[]; pending: string[] }> {
    const rows = await this.database.query<{ name: string }>('select name from schema_migrations order by timestamp');
    const applied = rows.map(({ name }) => name);
    const known = (await loadMigrations()).map(({ name }) => name);
    return { applied, pending: known.filter((name) => !applied.includes(name)) };
  }
}
