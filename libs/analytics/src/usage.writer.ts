import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { usageColumns } from './usage-record.js';

const WRITE_TIMEOUT_MS = 1200;
const copyUsage = `copy api_usage (${usageColumns}) from stdin`;

/** One connection that takes batches of usage records, one at a time; made when first needed and again when it is lost. */
export class UsageWriter {
  private client: pg.Client | undefined;

  constructor(private readonly url: string) {}

  /** Resolves once the rows are committed. When it rejects, they may or may not be. */
  async write(rows: string): Promise<void> {
    const deadline = AbortSignal.timeout(WRITE_TIMEOUT_MS);
    const client = this.client ?? (await this.connect());
    try {
      await pipeline([rows], client.query(copyFrom(copyUsage)), { signal: deadline });
    } catch (error) {
      this.drop(client);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.client?.end();
    this.client = undefined;
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
