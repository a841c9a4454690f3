import { escapeIdentifier } from 'pg';
import { OWNERS_FUNCTIONS_FOR_SERVER, privilegesOn, type SchemaObject } from './server-privileges.js';

/** A connection, or a transaction, of somebody who may change the schema. */
export interface SchemaOwner {
  query<R>(sql: string, parameters?: unknown[]): Promise<R[]>;
}

interface GrantedObject extends SchemaObject {
  /** Quoted, and with its schema where that is needed. */
  readonly reference: string;
  readonly held: readonly string[];
}

const IN_SCHEMA = `(select oid from pg_namespace where nspname = current_schema())`;

/** Of what this session may give away; what an extension brought is left alone. */
const relations = `
  select c.oid::regclass::text as reference, c.relkind as kind,
    coalesce((select root.relname from pg_class root where root.oid = pg_partition_root(c.oid)), c.relname) as name,
    array(select a.privilege_type from aclexplode(c.relacl) a where a.grantee = r.oid) as held
  from pg_class c, pg_roles r
  where r.rolname = $1 and c.relnamespace = ${IN_SCHEMA} and c.relkind in ('r', 'p', 'f', 'v', 'm', 'S')
    and pg_has_role(c.relowner, 'usage')
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  order by 1`;

const closedFunctions = `
  select p.oid::regprocedure::text as reference, p.proname as name, p.prosecdef as "ofOwner"
  from pg_proc p, pg_roles r
  where r.rolname = $1 and p.pronamespace = ${IN_SCHEMA} and pg_has_role(p.proowner, 'usage')
    and not has_function_privilege(r.oid, p.oid, 'execute')
    and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
  order by 1`;

const closedSchema = `
  select n.oid::regnamespace::text as reference from pg_namespace n, pg_roles r
  where r.rolname = $1 and n.oid = ${IN_SCHEMA} and pg_has_role(n.nspowner, 'usage')
    and not has_schema_privilege(r.oid, n.oid, 'usage')`;

/** `set` is told apart from membership since PostgreSQL 16. */
const situation = `
  select r.oid is not null as present,
    (select rolsuper or rolcreaterole from pg_roles where rolname = current_user) as "mayCreate",
    coalesce(pg_has_role(r.oid, case when v.number >= 160000 then 'set' else 'member' end), false) as "mayTakeOn",
    coalesce(pg_has_role(r.oid, 'member with admin option'), false) as administers
  from (select current_setting('server_version_num')::int as number) v left join pg_roles r on r.rolname = $1`;

/**
 * Makes the role under which the server works, where this session may, and brings its privileges to what
 * `server-privileges.ts` says of the schema as it is now. Nothing is written where all is so already. Run it in a
 * transaction, under the lock of the migrations. Without the role, and without the right to make it, nothing is done:
 * whoever connects as the server finds out, see `connectAsServer`.
 */
export async function grantServerRole(owner: SchemaOwner, role: string): Promise<void> {
  if (!(await ensureRole(owner, role))) return;
  const grantee = escapeIdentifier(role);
  const statements: string[] = [];
  for (const { reference } of await owner.query<{ reference: string }>(closedSchema, [role]))
    statements.push(`grant usage on schema ${reference} to ${grantee}`);
  for (const object of await owner.query<GrantedObject>(relations, [role])) {
    const wanted = privilegesOn(object);
    const missing = wanted.filter((privilege) => !object.held.includes(privilege));
    const surplus = object.held.filter((privilege) => !wanted.includes(privilege));
    const place = `${object.kind === 'S' ? 'sequence' : 'table'} ${object.reference}`;
    if (missing.length > 0) statements.push(`grant ${missing.join(', ')} on ${place} to ${grantee}`);
    if (surplus.length > 0) statements.push(`revoke ${surplus.join(', ')} on ${place} from ${grantee}`);
  }
  for (const { reference, name, ofOwner } of await owner.query<{ reference: string; name: string; ofOwner: boolean }>(
    closedFunctions,
    [role],
  )) {
    if (!ofOwner || OWNERS_FUNCTIONS_FOR_SERVER.test(name))
      statements.push(`grant execute on routine ${reference} to ${grantee}`);
  }
  for (const statement of statements) await owner.query(statement);
}

/** Roles belong to all databases of a server: another installation may be making it at this very moment. */
async function ensureRole(owner: SchemaOwner, role: string): Promise<boolean> {
  const before = await situationOf(owner, role);
  if (!before.present) {
    if (!before.mayCreate) return false;
    await owner.query(unlessPresent(`create role ${escapeIdentifier(role)} nologin`));
  }
  const { mayCreate, mayTakeOn, administers } = await situationOf(owner, role);
  if (!mayTakeOn && (mayCreate || administers))
    await owner.query(unlessPresent(`grant ${escapeIdentifier(role)} to current_user`));
  return true;
}

interface Situation {
  readonly present: boolean;
  readonly mayCreate: boolean;
  readonly mayTakeOn: boolean;
  readonly administers: boolean;
}

async function situationOf(owner: SchemaOwner, role: string): Promise<Situation> {
  const [found] = await owner.query<Situation>(situation, [role]);
  return found ?? { present: false, mayCreate: false, mayTakeOn: false, administers: false };
}

/** Also when it has come to be between the question and the statement. */
function unlessPresent(statement: string): string {
  return `do $$ begin ${statement}; exception when duplicate_object or unique_violation then null; end $$`;
}
