import pg from 'pg';
import { DatabaseConfig } from '../database.config.js';
import { DatabaseUnusable } from '../reachability.js';
import { powersOf } from './standing.js';

/**
 * Lets `login`, a role that the operator has made for the server, work as the server's role. `ownerUrl`: of somebody who
 * may give that role away. Resolves to what the login may do beyond that: nothing, when it is what it should be.
 * @throws DatabaseUnusable when there is no such login, or when the role may not be given
 */
export async function admitLogin(ownerUrl: string, login: string): Promise<readonly string[]> {
  const { serverRole } = new DatabaseConfig();
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  client.on('error', () => undefined); // whatever it is, the call in progress fails with it
  await client.connect();
  const powers = (): Promise<readonly string[] | undefined> =>
    powersOf(async (sql, parameters) => (await client.query(sql, parameters)).rows, login);
  const quoted = client.escapeIdentifier(login);
  try {
    if ((await powers()) === undefined) {
      throw new DatabaseUnusable(
        `There is no role ${login}. Make it first: create role ${quoted} login password '...';`,
      );
    }
    await client.query(`grant ${client.escapeIdentifier(serverRole)} to ${quoted}`);
    await letConnect(client, quoted, login);
    return (await powers()) ?? [];
  } catch (cause) {
    if (!(cause instanceof pg.DatabaseError)) throw cause;
    throw new DatabaseUnusable(
      `${login} cannot be admitted: ${cause.message}. Ask an administrator of the database for: grant ${serverRole} to ${quoted};`,
      { cause },
    );
  } finally {
    await client.end();
  }
}

/** Everybody may connect to a database unless somebody has taken that back. */
async function letConnect(client: pg.Client, quoted: string, login: string): Promise<void> {
  const { rows } = await client.query<{ name: string; may: boolean }>(
    `select current_database() as name, has_database_privilege($1::name, current_database(), 'connect') as may`,
    [login],
  );
  for (const { name, may } of rows)
    if (!may) await client.query(`grant connect on database ${client.escapeIdentifier(name)} to ${quoted}`);
}
