import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, type EntityTarget, type ObjectLiteral, type Repository } from 'typeorm';
import { TRANSACTION_MS } from './connection-limits.js';
import { ImpatientClient } from './impatient-client.js';
import { PreparedSql } from './prepared-sql.js';

interface Unit {
  readonly manager: EntityManager;
  readonly afterCommit: (() => void)[];
}

/** The management side of PostgreSQL: TypeORM, with a transaction that everything called inside it joins. */
@Injectable()
export class Database {
  private readonly units = new AsyncLocalStorage<Unit>();

  constructor(
    private readonly dataSource: DataSource,
    readonly prepared: PreparedSql,
  ) {}

  /** The manager of the transaction around the caller, or the plain one. */
  get manager(): EntityManager {
    return this.units.getStore()?.manager ?? this.dataSource.manager;
  }

  /** Connections in the management pool, idle ones among them, and callers waiting for one. */
  get load(): { total: number; idle: number; waiting: number } {
    const pool: unknown = Reflect.get(this.dataSource.driver, 'master');
    return {
      total: countOf(pool, 'totalCount'),
      idle: countOf(pool, 'idleCount'),
      waiting: countOf(pool, 'waitingCount'),
    };
  }

  repository<E extends ObjectLiteral>(entity: EntityTarget<E>): Repository<E> {
    return this.manager.getRepository(entity);
  }

  /** Rows of a statement, inside the surrounding transaction where there is one. */
  query<R>(sql: string, parameters: readonly unknown[] = []): Promise<R[]> {
    return this.manager.query<R[]>(sql, [...parameters]);
  }

  /**
   * Runs `work` in a transaction, or in the one already around the caller. It resolves after the commit and after
   * every `afterCommit` of it, so that this process acts on the change before anyone is told that it was made.
   * One that takes longer than TRANSACTION_MS is cut off: many queries, each just in time, must not add up to a hang.
   */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    if (this.units.getStore() !== undefined) return work();
    const startedAt = performance.now();
    const afterCommit: (() => void)[] = [];
    const runner = this.dataSource.createQueryRunner();
    let deadline: NodeJS.Timeout | undefined;
    try {
      const client: unknown = await runner.connect();
      deadline = setTimeout(
        () => client instanceof ImpatientClient && client.giveUp(),
        TRANSACTION_MS - (performance.now() - startedAt),
      );
      const result = await runner.manager.transaction((manager) => this.units.run({ manager, afterCommit }, work));
      for (const effect of afterCommit) effect();
      return result;
    } finally {
      clearTimeout(deadline);
      await runner.release();
    }
  }

  /** Runs `effect` once the surrounding transaction has committed; at once when there is none. */
  afterCommit(effect: () => void): void {
    const unit = this.units.getStore();
    if (unit === undefined) effect();
    else unit.afterCommit.push(effect);
  }

  /** The database's time: what decides over expiry and revocation, whatever this machine's clock says. */
  async time(): Promise<Date> {
    const [row] = await this.query<{ now: Date }>('select now() as now');
    if (row === undefined) throw new Error('PostgreSQL did not tell the time.');
    return row.now;
  }

  /** Waits until no other transaction of any replica is in the section `name`; released at the end of this one. */
  async serialize(name: string): Promise<void> {
    await this.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`keyward ${name}`]);
  }
}

/** TypeORM gives its pool of `pg` no type. */
function countOf(pool: unknown, member: string): number {
  const count: unknown = typeof pool === 'object' && pool !== null ? Reflect.get(pool, member) : undefined;
  return typeof count === 'number' ? count : 0;
}
