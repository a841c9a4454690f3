import type { ServerConnection } from '#libs/database';

/** What the log says when nothing in PostgreSQL keeps the server from changing the audit log or the schema. */
export function unrestricted({ standing: { role, powers }, refusal }: ServerConnection): object {
  return {
    msg: 'The server runs with a database role that may do more than it needs',
    role,
    powers,
    refusal,
    remedy: 'docs/database-role.md',
  };
}
