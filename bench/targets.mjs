import { serverOptions } from '../tools/server-options.mjs';

const PROTECTED = '/api/v1/bench/protected';
const VERIFY = '/api/v1/api-keys/verify';

/** Keys that stay in the cache, and keys that never do: it holds 20,000. */
export const KEYS = { warm: 16, cold: 30_000 };

/**
 * What is measured, in the order of a round. `server`: who answers; `keys`: which keys are sent, by default none;
 * `usage`: whether each call is recorded; `optional`: measured when asked for.
 */
export const targets = [
  { name: 'bare-node', title: 'bare node:http', server: 'bare', path: '/' },
  { name: 'public', title: 'public route, GET /health/live', server: 'keyward', path: '/health/live' },
  {
    name: 'protected',
    title: 'protected, key cached, usage committed',
    server: 'keyward',
    path: PROTECTED,
    keys: 'warm',
    usage: true,
  },
  {
    name: 'uncached',
    title: 'the same, key not in the cache',
    server: 'keyward',
    path: PROTECTED,
    keys: 'cold',
    usage: true,
  },
  {
    name: 'verify',
    title: 'POST /api-keys/verify, key cached',
    server: 'keyward',
    method: 'POST',
    path: VERIFY,
    body: '{"key":"{key}"}',
    keys: 'warm',
    usage: true,
  },
  { name: 'grown-from', title: 'grown-from design (TypeORM)', server: 'grown-from', path: PROTECTED, keys: 'warm' },
  {
    name: 'buffered',
    title: 'protected, usage buffered',
    server: 'buffered',
    path: PROTECTED,
    keys: 'warm',
    usage: true,
    optional: true,
  },
  {
    name: 'unlimited',
    title: 'protected, limits off',
    server: 'unlimited',
    path: PROTECTED,
    keys: 'warm',
    usage: true,
    optional: true,
  },
];

/** The targets of this run; ends the process when one is asked for that does not exist. */
export function chosenTargets({ only, all }) {
  if (only === undefined) return targets.filter(({ optional }) => all || !optional);
  const unknown = only.filter((name) => !targets.some((target) => target.name === name));
  if (unknown.length === 0) return targets.filter(({ name }) => only.includes(name));
  const names = targets.map(({ name }) => name).join(', ');
  process.stderr.write(`--only: there is no target ${unknown.join(', ')}; there are ${names}.\n`);
  process.exit(2);
}

/** With the shipped limits most calls would be refused: these are counted as well, but never reached. */
const UNREACHED = '999999999/60';
const limits = { KEYWARD_ADDRESS_LIMIT: UNREACHED, KEYWARD_KEY_LIMIT: UNREACHED };
const keyward = { program: 'bench/servers/keyward.mjs', options: serverOptions, database: true, sharesKeys: true };

/** How the server of each kind is started. */
export const servers = {
  bare: { program: 'bench/servers/bare.mjs', env: {} },
  keyward: { ...keyward, env: limits },
  'grown-from': { program: 'bench/servers/grown-from.mjs', database: true, env: {} },
  buffered: { ...keyward, env: { ...limits, KEYWARD_USAGE_DURABILITY: 'buffered' } },
  unlimited: { ...keyward, env: { KEYWARD_ADDRESS_LIMIT: 'off', KEYWARD_KEY_LIMIT: 'off' } },
};
