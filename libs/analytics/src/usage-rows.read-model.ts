import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { connectionLimits, DATABASE_URL, ImpatientClient } from '#libs/database';
import type { DownloadFormat } from '#libs/http';
import { Turns } from './turns.js';
import { usageLines } from './usage-lines.query.js';
import type { UsageFilter, UsagePeriod } from './usage-question.js';

/** Calls that follow each other, as lines of a file. */
export interface UsagePage {
  readonly rows: number;
  readonly text: string;
  /** The position of the last one; null without any. */
  readonly last: string | null;
}

/** How many questions are under way at a time, whoever asks and however often; the others wait for their turn. */
const CONNECTIONS = 2;

/** The usage records themselves, a slice of time at a time, on connections that nobody else waits for. */
@Injectable()
export class UsageRows implements OnApplicationShutdown {
  private readonly logger = new Logger('UsageRows');
  private readonly turns = new Turns(CONNECTIONS);
  private readonly pool: pg.Pool;

  constructor(@Inject(DATABASE_URL) url: string) {
    this.pool = new pg.Pool({
      connectionString: url,
      max: CONNECTIONS,
      application_name: 'keyward export',
      ...connectionLimits,
      Client: ImpatientClient,
    });
    this.pool.on('error', (err) => this.logger.warn({ msg: 'Idle database connection lost', err }));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }

  /** The first `limit` calls of the slice behind the position `after`. */
  async page(
    format: DownloadFormat,
    slice: UsagePeriod,
    filter: UsageFilter,
    after: string | undefined,
    limit: number,
  ): Promise<UsagePage> {
    const { organizationId, userId, keyId, route, method, status, environment } = filter;
    const range = [status?.lowest ?? null, status?.highest ?? null];
    const who = [organizationId, userId, keyId];
    const values = [slice.from, slice.to, ...who, route, method, ...range, environment, after ?? null, limit];
    const [page] = await this.ask<UsagePage>(usageLines(format), values);
    return page ?? { rows: 0, text: '', last: null };
  }

  /** Whether anybody called in the slice. */
  async exist({ from, to }: UsagePeriod): Promise<boolean> {
    const [row] = await this.ask<{ exist: boolean }>(
      'select exists (select from api_usage where occurred_at >= $1 and occurred_at < $2) as exist',
      [from, to],
    );
    return row?.exist === true;
  }

  private ask<R extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<R[]> {
    return this.turns.take(async () => (await this.pool.query<R>(text, values)).rows);
  }
}
