import { dropDatabases, RUN_VARIABLE, SERVER_VARIABLE } from './test-run.mjs';

export default async function tearDown() {
  const scratch = globalThis.keywardScratchServer;
  if (scratch) await scratch.stop();
  else await dropDatabases(process.env[SERVER_VARIABLE], (name) => name.startsWith(`${process.env[RUN_VARIABLE]}_`));
}
