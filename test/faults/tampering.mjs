// 1,000 random tamperings of the audit table, each to be found with the first wrong row named, and 10,000 honest events by
// two replicas without a false alarm. Takes some minutes: `npm run test:tampering`. KEYWARD_TEST_SEED chooses the tamperings.
import { spawn } from 'node:child_process';

const environment = { KEYWARD_TEST_HONEST_EVENTS: '10000', KEYWARD_TEST_TAMPERINGS: '1000', ...process.env };
const child = spawn(
  process.execPath,
  ['tools/test.mjs', '--selectProjects=e2e', '--testPathPatterns=audit-tampering'],
  {
    stdio: 'inherit',
    env: environment,
  },
);
child.on('exit', (code) => (process.exitCode = code ?? 1));
