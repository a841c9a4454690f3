import pg from 'pg';
import { type Standing, standingOf } from './standing.js';

/** The URL by which the server connects, and what that lets it do. */
export interface ServerConnection {
  readonly url: string;
  readonly standing: Standing;
  /** Why the role could not be taken on; undefined when it was, or when there was no need to. */
  readonly refusal: string | undefined;
}

/**
 * How the server is to connect to `url`: as it stands when its login may do no more than a server needs, else taking on
 * `role` at the start of every session, so that whatever connects by this URL has done so. Where PostgreSQL or something
 * in front of it refuses that, the plain URL: then the restriction is `none`, which the caller must make known.
 */
export async function connectAsServer(url: string, role: string): Promise<ServerConnection> {
  const plain = await standingAt(url);
  if (plain.restriction === 'login') return { url, standing: plain, refusal: undefined };
  try {
    const assumed = withSettings(url, { role });
    const standing = await standingAt(assumed);
    if (standing.restriction === 'none') return { url, standing: plain, refusal: whyNot(standing, role) };
    if (standing.schema === plain.schema || plain.schema === null)
      return { url: assumed, standing, refusal: undefined };
    // `$user` in the search path is another name now
    const there = withSettings(url, { role, search_path: pg.escapeIdentifier(plain.schema) });
    return { url: there, standing: await standingAt(there), refusal: undefined };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return { url, standing: plain, refusal: error.message };
  }
}

function whyNot({ role, powers }: Standing, wanted: string): string {
  return role === wanted
    ? `the role ${role} ${powers.join(', ')}`
    : `the session is ${role} although it asked to be ${wanted}: something between here and PostgreSQL drops the option`;
}

async function standingAt(url: string): Promise<Standing> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  client.on('error', () => undefined); // whatever it is, the call in progress fails with it
  await client.connect();
  try {
    return await standingOf(async (sql, parameters) => (await client.query(sql, parameters)).rows);
  } finally {
    await client.end();
  }
}

/** `url` with settings of the session beside those that it or PGOPTIONS names. */
function withSettings(url: string, settings: Readonly<Record<string, string>>): string {
  const changed = new URL(url);
  const named = changed.searchParams.get('options') ?? process.env.PGOPTIONS;
  const added = Object.entries(settings).map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\ ]/g, '\\$&')}`);
  changed.searchParams.set('options', [...(named === undefined ? [] : [named]), ...added].join(' '));
  return changed.href;
}
