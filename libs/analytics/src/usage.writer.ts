import pg from 'pg';
import { CopyIn } from './copy-in.js';
import { usageColumns } from './usage-record.js';

const WRITE_TIMEOUT_MS = 1200;
const copyUsage = `copy api_usage (${usageColumns}) from stdin`;

/** One connection that takes batches of usage records, one at a time; made when first needed and again when it is lost. */
export class UsageWriter {
  private client: pg.Client | undefined;

  constructor(private readonly url: string) {}

  /** Resolves once the rows are committed. When it rejects, they may or may not be. */
  async write(rows: string): Promise<void> {
    const deadline = performance.now() + WRITE_TIMEOUT_MS;
    const client = this.client ?? (await this.connect());
    const timer = setTimeout(() => this.drop(client), deadline - performance.now());
    try {
      await client.query(new CopyIn(copyUsage, rows)).committed;
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
    await client.connect();
    this.client = client;
    return client;
  }

  /** Ends a connection that cannot be trusted any more without waiting for a server that may never answer. */
  private drop(client: pg.Client): void {
    if (this.client === client) this.client = undefined;
    client.connection.stream.destroy();
  }
}
