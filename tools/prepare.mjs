// Brings a checkout to the state that can run: packages installed, sources built. Plain Node, no dependencies.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIsCurrent, finishBuild, startBuild } from './build-state.mjs';
import { installIsComplete } from './install-state.mjs';
import { PreparationLock } from './preparation-lock.mjs';
import { explainNpmFailure, PreparationError, runStep } from './preparation-step.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Installs and builds what is missing; does nothing, and runs no other program, when nothing is. Says in one line what
 * failed and what to do, and ends the process with 1.
 * @param {{ build: boolean | 'always', quiet?: boolean }} options
 */
export async function prepare({ build, quiet = false }) {
  const done = () => build !== 'always' && installIsComplete() && (!build || buildIsCurrent());
  if (done()) return;
  const say = quiet ? () => undefined : (text) => process.stderr.write(text);
  const lock = new PreparationLock('.keyward/prepare.lock');
  try {
    await lock.acquire(say);
    if (done()) return; // whoever held the lock has done it
    if (!installIsComplete()) await install(lock, say);
    if (build) await buildSources(lock, say);
  } catch (error) {
    if (!(error instanceof PreparationError)) throw error;
    console.error(error.message);
    process.exit(1);
  } finally {
    lock.release();
  }
}

async function install(lock, say) {
  // --include: building needs the development packages even where NODE_ENV says production.
  // --ignore-scripts: no package of ours needs one, and some phone home.
  const flags = ['--include=dev', '--include=optional', '--ignore-scripts', '--prefer-offline'];
  const retries = ['--fetch-retries=3', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const args = ['ci', ...flags, ...retries, '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const npm = process.env.npm_execpath ?? '';
  const command = /npm-cli\.[cm]?js$/.test(npm) ? [process.execPath, npm, ...args] : ['npm', ...args];
  await runStep({ label: 'Installing packages', command, lock, say, explain: explainNpmFailure });
  if (installIsComplete()) return;
  throw new PreparationError(
    'npm ci ended well, but node_modules does not match package-lock.json: delete node_modules and start again.',
  );
}

async function buildSources(lock, say) {
  const sources = startBuild();
  await runStep({
    label: 'Building',
    command: [process.execPath, 'node_modules/@nestjs/cli/bin/nest.js', 'build', 'api'],
    lock,
    say,
    explain: () =>
      'The sources do not compile: correct the errors above, or check out a released version, and start again.',
  });
  finishBuild(sources);
}
