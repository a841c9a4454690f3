// `npm test`: installs what is missing, then runs Jest; every argument goes to Jest. Without one it runs every test of the
// application; the project `generated`, which tests what `keyward generate feature` writes, has to be asked for.
import { requireSupportedNode } from './node-version.mjs';

requireSupportedNode();
void Promise.all([import('./prepare.mjs'), import('./run-program.mjs')]).then(async ([{ prepare }, { runProgram }]) => {
  await prepare({ build: false });
  const asked = process.argv.slice(2);
  const args = asked.length > 0 ? asked : ['--ignoreProjects=generated'];
  await runProgram(['node_modules/jest/bin/jest.js', ...args]);
});
