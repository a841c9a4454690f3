import { LatencyHistogram } from './latency-histogram.js';
import { LiveSums, type LiveSumsByOrganization } from './live-sums.js';

/** PostgreSQL takes notifications of fewer than 8,000 bytes; ours are ASCII. */
const MOST_BYTES = 7900;
const TOP_KEYS = 10;

/**
 * The sums as notifications, as many as they need. Each is a JSON array of organizations:
 * `[id or null, calls, 4xx, 5xx, [[microseconds, calls], ...], [[key, calls], ...]]`, the keys only those with most calls.
 */
export function encodeSums(sums: LiveSumsByOrganization): string[] {
  const messages: string[] = [];
  let entries: string[] = [];
  let bytes = 2;
  for (const [organizationId, one] of sums) {
    const entry = encode(organizationId, one);
    if (bytes + entry.length + 1 > MOST_BYTES) {
      messages.push(`[${entries.join(',')}]`);
      entries = [];
      bytes = 2;
    }
    entries.push(entry);
    bytes += entry.length + 1;
  }
  return entries.length === 0 ? messages : [...messages, `[${entries.join(',')}]`];
}

function encode(organizationId: string | null, sums: LiveSums): string {
  const bins = sums.latency.bins.map(({ fromUs, calls }) => [fromUs, calls]);
  const { calls, clientErrors, serverErrors } = sums;
  return JSON.stringify([organizationId, calls, clientErrors, serverErrors, bins, sums.topKeys(TOP_KEYS)]);
}

/** What `encodeSums` wrote; nothing of a message that it did not write, such as one of another release. */
export function decodeSums(message: string): [organizationId: string | null, sums: LiveSums][] {
  const entries = parse(message);
  return Array.isArray(entries) ? entries.flatMap((entry) => decode(entry)) : [];
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined; // whoever may connect to the database may notify
  }
}

function decode(entry: unknown): [string | null, LiveSums][] {
  if (!Array.isArray(entry)) return [];
  const [organizationId, calls, clientErrors, serverErrors, bins, keys]: unknown[] = entry;
  if (organizationId !== null && typeof organizationId !== 'string') return [];
  if (!isCount(calls) || !isCount(clientErrors) || !isCount(serverErrors)) return [];
  const sums = Object.assign(new LiveSums(), { calls, clientErrors, serverErrors });
  for (const [us, count] of pairsOf(bins)) if (isDuration(us)) sums.latency.merge(repeated(us, count));
  for (const [key, count] of pairsOf(keys)) if (typeof key === 'string') sums.count(key, count);
  return [[organizationId, sums]];
}

function pairsOf(list: unknown): [unknown, number][] {
  const pairs: unknown[] = Array.isArray(list) ? list : [];
  return pairs.flatMap((pair): [unknown, number][] => {
    const [what, count]: unknown[] = Array.isArray(pair) ? pair : [];
    return isCount(count) ? [[what, count]] : [];
  });
}

/** More calls than anybody answers in a second are not believed. */
function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 10_000_000;
}

/** Microseconds, as the records hold them. */
function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < 2 ** 31;
}

/** Doubles rather than counts. */
function repeated(durationUs: number, calls: number): LatencyHistogram {
  const all = new LatencyHistogram();
  const power = LatencyHistogram.ofBins([LatencyHistogram.binOf(durationUs)]);
  for (let left = calls; left > 0; left >>= 1) {
    if (left % 2 === 1) all.merge(power);
    power.merge(power);
  }
  return all;
}
