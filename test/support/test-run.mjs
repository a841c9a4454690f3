import pg from 'pg';

/** The environment by which the workers learn where to make their databases and what to call them. */
export const SERVER_VARIABLE = 'KEYWARD_TEST_SERVER';
export const RUN_VARIABLE = 'KEYWARD_TEST_RUN';

const LONGEST_RUN_MINUTES = 120;

/** True for a database of a test run so old that it cannot be under way any more. */
export function olderRuns(name) {
  const started = /^keyward_test_([0-9a-z]+)_[0-9a-f]{8}_/.exec(name)?.[1];
  return started !== undefined && Date.now() / 60_000 - parseInt(started, 36) > LONGEST_RUN_MINUTES;
}

export async function dropDatabases(url, chosen) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query("select datname from pg_database where datname like 'keyward\\_test\\_%'");
    for (const { datname } of rows.filter((row) => chosen(row.datname))) {
      await client.query(`drop database if exists ${client.escapeIdentifier(datname)} with (force)`);
    }
  } finally {
    await client.end();
  }
}
