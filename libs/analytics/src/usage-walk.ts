import type { DownloadFormat } from '#libs/http';
import type { UsagePeriod } from './usage-question.js';
import type { UsageRows } from './usage-rows.read-model.js';
import type { UsageSelection } from './usage-selector.js';

const BATCH_ROWS = 2000;
const FIRST_SLICE_MS = 10_000;
const SHORTEST_SLICE_MS = 100;
/** What is sorted for one batch, and so how long its query takes, is bounded by the calls of this time. */
const LONGEST_SLICE_MS = 300_000;

/**
 * All rows of a selection as lines in the order of time, a batch for each query, behind the position `after`. Records have no
 * index in that order (it would cost every call), but stand on the disk nearly so: each query sorts a slice of time, which is
 * made longer where few calls are and shorter where many are. Nothing is held between two batches.
 */
export async function* walk(
  usage: Pick<UsageRows, 'page' | 'exist'>,
  format: DownloadFormat,
  { period, filter }: Pick<UsageSelection, 'period' | 'filter'>,
  after: string | undefined,
): AsyncGenerator<string> {
  const end = period.to.getTime();
  let at = Math.max(period.from.getTime(), after === undefined ? -Infinity : timeOf(after));
  let length = FIRST_SLICE_MS;
  let behind = after;
  while (at < end) {
    const to = Math.min(at + length, end);
    const { rows, text, last } = await usage.page(format, slice(at, to), filter, behind, BATCH_ROWS);
    const isFull = rows >= BATCH_ROWS && last !== null;
    if (isFull) {
      behind = last;
      at = timeOf(last);
      length = Math.max(SHORTEST_SLICE_MS, length / 2);
    } else {
      at = to;
    }
    yield text; // none, too: whoever has gone is not searched for any longer
    if (rows === 0 && length === LONGEST_SLICE_MS) at = await nextCall(usage, at, end);
    if (rows < BATCH_ROWS / 4) length = Math.min(LONGEST_SLICE_MS, length * 2);
  }
}

/** Of a position, in whole milliseconds. */
function timeOf(position: string): number {
  return Date.parse(position.slice(0, position.indexOf(' ')));
}

/** Passes over time without any call in ever longer steps, and returns before the next one, or at `end`. */
async function nextCall(usage: Pick<UsageRows, 'exist'>, from: number, end: number): Promise<number> {
  let at = from;
  let length = LONGEST_SLICE_MS;
  while (at < end) {
    const exist = await usage.exist(slice(at, Math.min(at + length, end)));
    if (exist && length === LONGEST_SLICE_MS) return at;
    if (!exist) at += length;
    length = exist ? Math.max(LONGEST_SLICE_MS, length / 2) : length * 2;
  }
  return end;
}

function slice(from: number, to: number): UsagePeriod {
  return { from: new Date(from), to: new Date(to) };
}
