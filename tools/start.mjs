// `npm start`: installs what is missing, builds what changed, runs the server. Plain Node, no dependencies.
//   --build-only   stop before the server
//   --watch        rebuild and restart on every change (`npm run dev`)
import { requireSupportedNode } from './node-version.mjs';

requireSupportedNode();
const own = ['--build-only', '--watch'];
const given = new Set(process.argv.slice(2).filter((argument) => own.includes(argument)));
const rest = process.argv.slice(2).filter((argument) => !own.includes(argument));

// imported late, so that an old Node reaches the line that says so
const tools = [import('./prepare.mjs'), import('./run-program.mjs'), import('./server-options.mjs')];
void Promise.all(tools).then(async ([{ prepare }, { runProgram }, { serverOptions }]) => {
  await prepare({ build: true });
  if (given.has('--build-only')) return;
  if (given.has('--watch')) {
    await runProgram(['node_modules/@nestjs/cli/bin/nest.js', 'start', 'api', '--watch', ...rest], { group: true });
  }
  await runProgram([...serverOptions, 'dist/apps/api/src/main.js', ...rest]);
});
