// The application as it ships, built from the same modules by the same function as apps/api/src/main.ts, with one small
// feature added in the way any team adds one, and a counter around the query that verifies a key.
import 'reflect-metadata';
import { assertConfiguration } from '#libs/config';
import { UsageRecorder } from '#libs/analytics';
import { connectAsServer, DatabaseConfig, migrateUp, PreparedSql } from '#libs/database';
import { createPino, LogConfig, PinoLogger } from '#libs/log';
import { createApp } from '../../dist/apps/api/src/create-app.js';
import { features } from '../../dist/apps/api/src/features.js';
import { answerParent, cpuMicroseconds } from '../child.mjs';
import { BenchModule } from './bench.module.mjs';
import { BenchKeys } from './bench-keys.mjs';

const logger = new PinoLogger(createPino(new LogConfig(), false));
let app;
let queries = 0;

async function start({ databaseUrl, keys }) {
  assertConfiguration(process.env);
  await migrateUp(databaseUrl);
  features.push(BenchModule);
  const { url } = await connectAsServer(databaseUrl, new DatabaseConfig().serverRole);
  app = await createApp(url, logger);
  countQueries(app.get(PreparedSql));
  await app.listen(0, '127.0.0.1');
  const issued = keys === undefined ? {} : await new BenchKeys(app, databaseUrl).issue(keys);
  return { port: app.getHttpServer().address().port, ...issued };
}

/** `queries` to verify keys and `recorded` calls since the start. */
function usage() {
  return { cpu: cpuMicroseconds(), queries, ...app.get(UsageRecorder).load };
}

function countQueries(sql) {
  const rows = sql.rows.bind(sql);
  sql.rows = (statement, values) => {
    if (statement.name === 'keyward_verify_key') queries += 1;
    return rows(statement, values);
  };
}

answerParent({ start, usage }, () => app?.close());
