// Read by old versions of Node too: keep to plain syntax here and in the programs that import it.
import { readFileSync } from 'node:fs';

/** Ends the process with one line when this Node is older than package.json allows. */
export function requireSupportedNode() {
  const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const [wantedMajor, wantedMinor] = engines.node.replace('>=', '').split('.').map(Number);
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  console.error(
    `Node ${process.versions.node} is too old: Keyward needs ${wantedMajor}.${wantedMinor} or newer (24 LTS is best). ` +
      'Install it from https://nodejs.org and start again.',
  );
  process.exit(1);
}
