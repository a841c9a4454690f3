// `npm test`: installs what is missing, then runs Jest; every argument goes to Jest.
import { requireSupportedNode } from './node-version.mjs';

requireSupportedNode();
void Promise.all([import('./prepare.mjs'), import('./run-program.mjs')]).then(async ([{ prepare }, { runProgram }]) => {
  await prepare({ build: false });
  await runProgram(['node_modules/jest/bin/jest.js', ...process.argv.slice(2)]);
});
