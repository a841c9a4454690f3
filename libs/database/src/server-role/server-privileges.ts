/** What the server may do with the rows of an ordinary table. */
const ordinary = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

/** Tables that are not ordinary. Every other table of the schema is, a new feature's too. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  // what was recorded stays as it was recorded
  audit_events: ['SELECT', 'INSERT'],
  // says which schema this is; only whoever changes the schema may say so
  schema_migrations: ['SELECT'],
  // the probe of the free space empties its own table
  health_writes: [...ordinary, 'TRUNCATE'],
};

/** Functions that work with the rights of the schema's owner and that the server may call nevertheless. */
export const OWNERS_FUNCTIONS_FOR_SERVER = /^(usage_|audit_adopt$)/;

/** A table, view or sequence of the schema; `kind` as in pg_class.relkind (PostgreSQL manual, 51.11). */
export interface SchemaObject {
  /** Of a partition the name of the table that it is a part of: what holds for the one holds for the other. */
  readonly name: string;
  readonly kind: string;
}

/** The privileges that the server has on `object`. */
export function privilegesOn({ name, kind }: SchemaObject): readonly string[] {
  if (kind === 'S') return ['USAGE', 'SELECT'];
  if (kind === 'v' || kind === 'm') return ['SELECT'];
  return exceptions[name] ?? ordinary;
}
