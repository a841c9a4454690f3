import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { DataSource, type EntityManager, type Repository } from 'typeorm';
import { connectionLimits, TRANSACTION_MS } from './connection-limits.js';
import { ImpatientClient } from './impatient-client.js';
import type { EntityClass, OwnedRow, Scope, UnownedRow } from './owned-row.js';
import { OwnedRowsStore } from './owned-rows.store.js';
import { PreparedSql } from './prepared-sql.js';
import { distrustReadOnly } from './read-only-sessions.js';
import { type Reach, ScopedSelect } from './scoped-select.js';

interface Unit {
  readonly manager: EntityManager;
  readonly beforeCommit: (() => Promise<void>)[];
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
  private get manager(): EntityManager {
    return this.units.getStore()?.manager ?? this.dataSource.manager;
  }

  /** Stands for the transaction around the caller, as a key to what belongs to it; undefined outside of one. */
  get currentTransaction(): object | undefined {
    return this.units.getStore();
  }

  /** Connections in the management pool, idle ones among them, and callers waiting for one. */
  get load(): { total: number; idle: number; waiting: number } {
    const { totalCount: total, idleCount: idle, waitingCount: waiting } = this.pool;
    return { total, idle, waiting };
  }

  /**
   * From now on somebody waits for each answer, so that no connection may take longer than a request can, and no session
   * may fail it that others of its kind have failed.
   */
  startServing(): void {
    this.pool.options.connectionTimeoutMillis = connectionLimits.connectionTimeoutMillis;
    distrustReadOnly(this.pool);
    this.prepared.startServing();
  }

  /** TypeORM gives its pool no type. */
  private get pool(): pg.Pool {
    const pool: unknown = Reflect.get(this.dataSource.driver, 'master');
    if (!(pool instanceof pg.Pool)) throw new Error('TypeORM keeps its pool of connections elsewhere than it did.');
    return pool;
  }

  /**
   * The rows of `entity` that somebody who is bound to `scope` may reach: `within(principal.scope, Order, 'order')`. There
   * is no other way to rows that belong to an organization, but for the one below, which says what it does.
   */
  within<E extends OwnedRow>(scope: Scope, entity: EntityClass<E>, alias: string, reach?: Reach): ScopedSelect<E> {
    return ScopedSelect.of(this.manager.getRepository(entity), alias, scope, reach);
  }

  /**
   * Rows whomever they belong to. Only for what has been found within a scope before, such as the keys of a user, and for
   * what serves the installation itself; test/architecture/scoping.spec.ts lists every use with its reason.
   */
  regardlessOfOrganization<E extends OwnedRow>(entity: EntityClass<E>): Repository<E> {
    return this.manager.getRepository(entity);
  }

  /** Where rows that belong to an organization are written. */
  store<E extends OwnedRow>(entity: EntityClass<E>): OwnedRowsStore<E> {
    return new OwnedRowsStore(this.manager.getRepository(entity));
  }

  /** Rows that belong to no organization; an entity with an `organizationId` does not compile here. */
  repository<E extends UnownedRow>(entity: EntityClass<E>): Repository<E> {
    return this.manager.getRepository(entity);
  }

  /**
   * Rows of a statement, inside the surrounding transaction where there is one. Nothing narrows SQL but what stands in it:
   * test/architecture/scoping.spec.ts lists the statements that read owned rows without an `organization_id`.
   */
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
    const beforeCommit: Unit['beforeCommit'] = [];
    const afterCommit: Unit['afterCommit'] = [];
    const runner = this.dataSource.createQueryRunner();
    let deadline: NodeJS.Timeout | undefined;
    try {
      const client: unknown = await runner.connect();
      deadline = setTimeout(
        () => client instanceof ImpatientClient && client.giveUp(),
        TRANSACTION_MS - (performance.now() - startedAt),
      );
      const worked = async (): Promise<T> => {
        const outcome = await work();
        for (const last of beforeCommit) await last(); // and what these add in their turn
        return outcome;
      };
      const result = await runner.manager.transaction((manager) =>
        this.units.run({ manager, beforeCommit, afterCommit }, worked),
      );
      for (const effect of afterCommit) effect();
      return result;
    } finally {
      clearTimeout(deadline);
      await runner.release();
    }
  }

  /**
   * Runs `work` in the surrounding transaction, when all else in it is done: for what takes a lock that many want.
   * @throws Error outside a transaction
   */
  beforeCommit(work: () => Promise<void>): void {
    const unit = this.units.getStore();
    if (unit === undefined) throw new Error('beforeCommit needs a transaction around it.');
    unit.beforeCommit.push(work);
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
