import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { type Cursors, type Page, type PageQuery } from '#libs/http';
import type { OwnedRow } from './owned-row.js';
import type { ScopedSelect } from './scoped-select.js';

/** In what order a list is read. Ids are time-ordered, so "newest first" is simply the id descending. */
export interface Ordering<E> {
  /** A text property of the entity, or its id. */
  readonly property: keyof E & string;
  readonly descending: boolean;
}

/**
 * One page by keyset: the cursor holds the last row's sort value and id, so pages stay right while rows come and go.
 * `list` names the list; a cursor of another list or sort is refused.
 */
export async function keysetPage<E extends ObjectLiteral & { id: string }>(
  query: SelectQueryBuilder<E> | (E extends OwnedRow ? ScopedSelect<E> : never),
  ordering: Ordering<E>,
  request: PageQuery,
  cursors: Cursors,
  list: string,
): Promise<Page<E>> {
  const { property, descending } = ordering;
  const direction = descending ? 'DESC' : 'ASC';
  const comparison = descending ? '<' : '>';
  const [column, id] = [`${query.alias}.${property}`, `${query.alias}.id`];
  const name = `${list} ${property} ${direction}`;
  if (request.after !== undefined) {
    const [value, last] = cursors.open(name, request.after);
    query.andWhere(
      property === 'id' ? `${id} ${comparison} :last` : `(${column}, ${id}) ${comparison} (:value, :last)`,
      { value, last },
    );
  }
  if (property !== 'id') query.addOrderBy(column, direction);
  const rows = await query
    .addOrderBy(id, direction)
    .take(request.limit + 1)
    .getMany();
  const items = rows.slice(0, request.limit);
  const last = rows.length > request.limit ? items.at(-1) : undefined;
  return { items, next: last === undefined ? null : cursors.seal(name, [String(last[property]), last.id]) };
}
