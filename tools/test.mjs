// `npm test`: installs what is missing, then runs Jest; every argument goes to Jest. Without one it runs every test of the
// application; the project `generated`, which tests what `keyward generate feature` writes, has to be asked for.
import { requireSupportedNode } from './node-version.mjs';

/**
 * Compiling hot code once more and better took Node 20 an eighth of the time of all tests, most of which end before it pays:
 * it begins fifteen times later here. Later versions have a cheaper compiler in between, and no such option.
 */
const compileLater = process.versions.node.startsWith('20.') ? ['--interrupt-budget=1000000'] : [];

requireSupportedNode();
void Promise.all([import('./prepare.mjs'), import('./run-program.mjs')]).then(async ([{ prepare }, { runProgram }]) => {
  await prepare({ build: false });
  const asked = process.argv.slice(2);
  const args = asked.length > 0 ? asked : ['--ignoreProjects=generated'];
  await runProgram([...compileLater, 'node_modules/jest/bin/jest.js', ...args]);
});
