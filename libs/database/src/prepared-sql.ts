import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { connectionLimits, STARTING_CONNECTION_MS } from './connection-limits.js';
import { ImpatientClient } from './impatient-client.js';

/** A statement that PostgreSQL parses and plans once a connection. */
export interface PreparedStatement {
  /** Unique in the application. */
  readonly name: string;
  readonly text: string;
}

const POOL_SIZE = 4;

/** Named prepared statements on a small pool of their own: the hot path neither pays for the ORM nor waits behind management. */
export class PreparedSql implements OnApplicationShutdown {
  private readonly logger = new Logger('PreparedSql');
  private readonly pool: pg.Pool;

  constructor(url: string) {
    this.pool = new pg.Pool({
      connectionString: url,
      max: POOL_SIZE,
      application_name: 'keyward sql',
      idleTimeoutMillis: 60_000,
      ...connectionLimits,
      connectionTimeoutMillis: STARTING_CONNECTION_MS,
      Client: ImpatientClient,
    });
    this.pool.on('error', (err) => this.logger.warn({ msg: 'Idle database connection lost', err }));
  }

  async rows<R extends pg.QueryResultRow>(statement: PreparedStatement, values: unknown[]): Promise<R[]> {
    const { rows } = await this.pool.query<R>({ ...statement, values });
    return rows;
  }

  /** Connections in the pool, idle ones among them, and callers waiting for one. */
  get load(): { total: number; idle: number; waiting: number } {
    return { total: this.pool.totalCount, idle: this.pool.idleCount, waiting: this.pool.waitingCount };
  }

  /** See Database. */
  startServing(): void {
    this.pool.options.connectionTimeoutMillis = connectionLimits.connectionTimeoutMillis;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
