import { declaredConfigs } from './config.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that is named like one of this installation's, but that nothing reads. */
export interface UnreadVariable {
  readonly name: string;
  /** What was probably meant; undefined when no name is near. */
  readonly meant: string | undefined;
}

/** Slips of a hand: more of them, and another word was meant. */
const MOST_SLIPS = 4;

/** What Kubernetes sets in every container of a namespace for a service whose name begins with "keyward". */
const serviceLink = /_SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
const serviceAddress = /^(tcp|udp|sctp):\/\//;

/** The KEYWARD_ variables of `environment` that no `Config` declares; those of the tests (KEYWARD_TEST_) are known too. */
export function unreadVariables(environment: Environment): readonly UnreadVariable[] {
  const known = declaredConfigs().flatMap(({ variables }) => variables.map(({ name }) => name));
  return Object.entries(environment)
    .filter(([name, value]) => /^keyward_(?!test_)/i.test(name) && !isServiceLink(name, value ?? ''))
    .filter(([name, value]) => value !== '' && !known.includes(name))
    .map(([name]) => ({ name, meant: nearest(name.toUpperCase(), known) }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function isServiceLink(name: string, value: string): boolean {
  return serviceLink.test(name) || serviceAddress.test(value);
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((candidate) => ({ candidate, slips: slipsBetween(name, candidate) }));
  const [best] = ranked.toSorted((one, other) => one.slips - other.slips);
  return best !== undefined && best.slips <= MOST_SLIPS ? best.candidate : undefined;
}

/** How many letters must be put in, left out, replaced or swapped with their neighbour (optimal string alignment). */
function slipsBetween(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[other.length] ?? 0;
}
