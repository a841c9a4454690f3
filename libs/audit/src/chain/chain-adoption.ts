import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import pg from 'pg';
import { Database, DATABASE_URL } from '#libs/database';
import { CHAIN_BEGINNING, chainHash } from './chained-event.js';
import { ChainKeys } from './chain-keys.js';
import { type Ask, unchainedEvents } from './stored-events.js';

/**
 * Takes events that were written before there was a chain into it, by their ids and so by their time, once: in one
 * transaction that holds the head, so that of several replicas one does it and nothing is appended before it is done.
 * From the migration on no row can be added without a place, and `audit_adopt` refuses once the chain has begun.
 */
@Injectable()
export class ChainAdoption implements OnApplicationBootstrap {
  private readonly logger = new Logger('ChainAdoption');

  constructor(
    @Inject(DATABASE_URL) private readonly url: string,
    private readonly database: Database,
    private readonly keys: ChainKeys,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!(await isToBeDone((sql, values) => this.database.query(sql, values)))) return;
    // without the time limits of other queries: there may be millions
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'keyward audit',
      connectionTimeoutMillis: 5000,
    });
    client.on('error', () => undefined); // whatever it is, the query under way fails with it
    await client.connect();
    try {
      await client.query('begin');
      const adopted = await this.adopt(async (sql, values) => (await client.query(sql, values)).rows);
      await client.query('commit');
      if (adopted > 0) this.logger.log({ msg: 'The audit log has become a chain', adopted });
    } finally {
      await client.end();
    }
  }

  private async adopt(ask: Ask): Promise<number> {
    await ask('select from audit_chain for update', []);
    if (!(await isToBeDone(ask))) return 0;
    let { position, hash: previous } = CHAIN_BEGINNING;
    for await (const events of unchainedEvents(ask)) {
      const hashes = events.map((event) => {
        const hash = chainHash(previous, { ...event, position: ++position });
        previous = hash.toString('hex');
        return hash;
      });
      await ask('select audit_adopt($1, $2, $3, $4, $5)', [
        events.map(({ id }) => id),
        events.map((_, at) => position - events.length + at + 1),
        hashes,
        hashes.map((hash) => this.keys.mac(hash)),
        this.keys.macKey,
      ]);
    }
    await ask(`update audit_chain set position = $1, hash = decode($2, 'hex')`, [position, previous]);
    return position;
  }
}

async function isToBeDone(ask: Ask): Promise<boolean> {
  const [row] = await ask<{ due: boolean }>(
    'select position = 0 and exists (select from audit_events where position is null) as due from audit_chain',
    [],
  );
  return row?.due === true;
}
