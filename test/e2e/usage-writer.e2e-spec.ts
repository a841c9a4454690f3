import pg from 'pg';
import { UsageBatch } from '../../libs/analytics/src/usage-batch.js';
import { UsageWriter } from '../../libs/analytics/src/usage.writer.js';
import { createEmptyDatabase, dropTestDatabase } from '../support/test-database.js';

describe('the writer of usage', () => {
  it('leaves no connection behind when it cannot begin, however often it tries', async () => {
    const url = await createEmptyDatabase();
    const writer = new UsageWriter(url);
    for (let attempt = 0; attempt < 5; attempt++)
      await expect(writer.write(new UsageBatch(false))).rejects.toThrow('usage_routes');
    const client = new pg.Client(url);
    await client.connect();
    const open = await client.query(
      `select from pg_stat_activity where datname = current_database() and application_name = 'keyward usage'`,
    );
    await client.end();
    await dropTestDatabase(url);
    expect(open.rowCount).toBeLessThan(2); // the last may be on its way out
  });
});
