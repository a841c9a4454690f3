/**
 * How far PostgreSQL itself keeps a session from changing the audit log and the schema. `login`: whoever logged in may not,
 * whatever is asked in that session. `session`: the session may not as long as it keeps its role, which a login that may
 * do more can lay down (`set role none`). `none`: it may.
 */
export const restrictions = ['login', 'session', 'none'] as const;
export type Restriction = (typeof restrictions)[number];

/** As whom a session works, and what it could do beyond the work of a server. */
export interface Standing {
  readonly role: string;
  readonly login: string;
  readonly restriction: Restriction;
  /** What the role may do that a server needs not; empty unless the restriction is `none`. */
  readonly powers: readonly string[];
  /** The schema in which tables are found; null when there is none. */
  readonly schema: string | null;
}

type Ask = (sql: string, parameters: unknown[]) => Promise<StandingRow[]>;

interface StandingRow {
  readonly name: string;
  readonly role: string;
  readonly login: string;
  readonly schema: string | null;
  readonly powers: string[];
}

/** Asks for privileges rather than for names: a role of the right name may have been given too much. */
const question = `
  select r.rolname as name, current_user::text as role, session_user::text as login, n.nspname as schema,
    array_remove(array[
      case when r.rolsuper then 'is a superuser' end,
      case when exists (select from pg_roles m where m.rolcreaterole and pg_has_role(r.oid, m.oid, 'member'))
        then 'may give itself other roles' end,
      case when exists (select from pg_roles m where pg_has_role(r.oid, m.oid, 'member')
          and m.rolname in ('pg_execute_server_program', 'pg_write_server_files'))
        then 'may write files of the database server' end,
      case when exists (select from pg_class c where c.relnamespace = n.oid and pg_has_role(r.oid, c.relowner, 'member'))
        then 'owns tables' end,
      case when has_schema_privilege(r.oid, n.oid, 'create') then 'may create objects in the schema' end,
      case when has_table_privilege(r.oid, to_regclass('audit_events'), 'update, delete, truncate, trigger')
          or has_any_column_privilege(r.oid, to_regclass('audit_events'), 'update')
        then 'may change audit_events' end,
      case when has_table_privilege(r.oid, to_regclass('schema_migrations'), 'insert, update, delete, truncate, trigger')
          or has_any_column_privilege(r.oid, to_regclass('schema_migrations'), 'insert, update')
        then 'may change schema_migrations' end
    ], null) as powers
  from pg_roles r left join pg_namespace n on n.nspname = current_schema()
  where r.rolname in (current_user, session_user, $1)`;

/** The standing of the session behind `ask`, as PostgreSQL judges it. */
export async function standingOf(ask: Ask): Promise<Standing> {
  const rows = await ask(question, [null]);
  const [row] = rows;
  if (row === undefined) throw new Error('PostgreSQL does not know the role of this session.');
  const { role, login, schema } = row;
  const of = (name: string): string[] => rows.find((each) => each.name === name)?.powers ?? [];
  const powers = of(role);
  const restriction = powers.length > 0 ? 'none' : of(login).length > 0 ? 'session' : 'login';
  return { role, login, restriction, powers, schema };
}

/** What `role` may do that a server needs not; undefined when there is no such role. */
export async function powersOf(ask: Ask, role: string): Promise<readonly string[] | undefined> {
  const rows = await ask(question, [role]);
  return rows.find(({ name }) => name === role)?.powers;
}
