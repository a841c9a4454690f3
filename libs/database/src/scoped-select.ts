import type { ObjectLiteral, Repository, SelectQueryBuilder } from 'typeorm';
import type { OwnedRow, Scope } from './owned-row.js';

/** What else than the rows of one organization is within reach. */
export interface Reach {
  /** Rows of the installation too, where those are offered to everybody. */
  readonly orOfNone?: boolean;
}

/**
 * TypeORM's query, bound to the rows within a scope. It has only what narrows: a further condition stands in brackets of
 * its own, and there is none that replaces the scope or is joined to it by `or`.
 */
export class ScopedSelect<E extends OwnedRow> {
  private constructor(private readonly query: SelectQueryBuilder<E>) {}

  static of<E extends OwnedRow>(
    rows: Repository<E>,
    alias: string,
    scope: Scope,
    { orOfNone = false }: Reach = {},
  ): ScopedSelect<E> {
    const query = rows.createQueryBuilder(alias).where('true');
    if (scope !== null) {
      // the only table without the column is that of the organizations, which belong to themselves
      const isOwned = rows.metadata.findColumnWithPropertyName('organizationId') !== undefined;
      const owner = `${alias}.${isOwned ? 'organizationId' : 'id'}`;
      query.andWhere(`(${owner} = :keyward_scope${orOfNone ? ` or ${owner} is null` : ''})`, { keyward_scope: scope });
    }
    return new ScopedSelect(query);
  }

  get alias(): string {
    return this.query.alias;
  }

  andWhere(condition: string, parameters: ObjectLiteral = {}): this {
    if ('keyward_scope' in parameters) throw new Error('keyward_scope is what the rows are bound to.');
    this.query.andWhere(`(${condition})`, parameters);
    return this;
  }

  addOrderBy(property: string, direction: 'ASC' | 'DESC'): this {
    this.query.addOrderBy(property, direction);
    return this;
  }

  take(rows: number): this {
    this.query.take(rows);
    return this;
  }

  /** Until the end of the transaction; rows outside the scope are neither locked nor waited for. */
  setLock(mode: 'pessimistic_read' | 'pessimistic_write' | 'for_key_share'): this {
    this.query.setLock(mode);
    return this;
  }

  getOne(): Promise<E | null> {
    return this.query.getOne();
  }

  getMany(): Promise<E[]> {
    return this.query.getMany();
  }

  getExists(): Promise<boolean> {
    return this.query.getExists();
  }
}
