import pg from 'pg';

/** The oldest PostgreSQL whose SQL is enough. */
const OLDEST_MAJOR = 15;

/** The database cannot be used as it is; the message says why and what to do. */
export class DatabaseUnusable extends Error {
  override readonly name = 'DatabaseUnusable';
}

/** @throws DatabaseUnusable when the database does not answer, refuses, or is too old */
export async function assertUsable(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  client.on('error', () => undefined); // whatever it is, the call in progress fails with it
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; text: string }>(
      `select current_setting('server_version_num')::int as version, current_setting('server_version') as text`,
    );
    const [server] = rows;
    if (server !== undefined && server.version >= OLDEST_MAJOR * 10_000) return;
    throw new DatabaseUnusable(
      `The PostgreSQL at ${placeOf(url)} is version ${server?.text}; needed is ${OLDEST_MAJOR} or newer.`,
    );
  } catch (error) {
    if (error instanceof DatabaseUnusable) throw error;
    throw new DatabaseUnusable(
      `The database at ${placeOf(url)} cannot be used: ${reasonOf(error)}. Check DATABASE_URL and that PostgreSQL is running.`,
      {
        cause: error,
      },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Host, port and database, without user and password. */
function placeOf(url: string): string {
  try {
    const { host, pathname, searchParams } = new URL(url);
    return `${searchParams.get('host') ?? host}${pathname}`;
  } catch {
    return 'DATABASE_URL (which is not a URL)';
  }
}

/** An AggregateError, from a host with several addresses, has an empty message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message || error.name : String(error);
}
