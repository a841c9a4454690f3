import pg from 'pg';
import { CopyIn } from './copy-in.js';
import { copyCalls, copyGroups, type UsageBatch } from './usage-batch.js';
import { UsageRoutes } from './usage-routes.js';

const WRITE_TIMEOUT_MS = 1200;

interface KnownRoute {
  readonly id: number;
  readonly method: string;
  readonly route: string | null;
}

/** One connection that takes batches of usage records, one at a time; made when first needed and again when it is lost. */
export class UsageWriter {
  private client: pg.Client | undefined;
  private routes = new UsageRoutes([]);

  constructor(private readonly url: string) {}

  /**
   * Resolves once the calls and their groups are committed, in one transaction: sums and calls never differ. When it
   * rejects, both are or neither is.
   */
  async write(batch: UsageBatch): Promise<void> {
    const deadline = performance.now() + WRITE_TIMEOUT_MS;
    const client = this.client ?? (await this.connect());
    const timer = setTimeout(() => this.drop(client), deadline - performance.now());
    try {
      await this.routes.meet(batch.groups, (routes) => idsOf(client, routes));
      const calls = { statement: copyCalls, rows: batch.callRows(this.routes.idOf) };
      const groups = { statement: copyGroups, rows: batch.groupRows(this.routes.idOf) };
      await client.query(new CopyIn([calls, groups])).committed;
    } catch (error) {
      this.drop(client);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Takes leave of the server, but does not wait for one that hangs. */
  async close(): Promise<void> {
    const { client } = this;
    if (client === undefined) return;
    const timer = setTimeout(() => this.drop(client), WRITE_TIMEOUT_MS);
    await client.end();
    clearTimeout(timer);
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'keyward usage',
      connectionTimeoutMillis: 1000,
      statement_timeout: WRITE_TIMEOUT_MS,
      keepAlive: true,
    });
    client.on('error', () => this.drop(client)); // the next batch makes a new connection
    client.on('end', () => this.drop(client));
    const timer = setTimeout(() => this.drop(client), WRITE_TIMEOUT_MS);
    try {
      await client.connect();
      const { rows } = await client.query<KnownRoute>('select id, method, route from usage_routes');
      this.routes = new UsageRoutes(rows);
    } catch (error) {
      this.drop(client); // or every batch would leave one behind, until the server has none left
      throw error;
    } finally {
      clearTimeout(timer);
    }
    this.client = client;
    return client;
  }

  /** Ends a connection that cannot be trusted any more without waiting for a server that may never answer. */
  private drop(client: pg.Client): void {
    if (this.client === client) this.client = undefined;
    client.connection.stream.destroy();
  }
}

async function idsOf(
  client: pg.Client,
  routes: readonly { method: string; route: string | null }[],
): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    'select usage_route_id(method, route) as id from unnest($1::text[], $2::text[]) as met (method, route)',
    [routes.map(({ method }) => method), routes.map(({ route }) => route)],
  );
  return rows.map(({ id }) => id);
}
