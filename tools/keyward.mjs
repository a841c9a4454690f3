// `npm run --silent keyward -- <command>`: the command-line tool; on a fresh clone it installs and builds first.
import { requireSupportedNode } from './node-version.mjs';

requireSupportedNode();
void Promise.all([import('./prepare.mjs'), import('./run-program.mjs')]).then(async ([{ prepare }, { runProgram }]) => {
  await prepare({ build: true, quiet: !process.stderr.isTTY });
  await runProgram(['--import', './tools/source-maps.mjs', 'dist/apps/cli/src/main.js', ...process.argv.slice(2)]);
});
