import { numeric, numericDigits } from './copy-fields.js';

/** Digits of a bin in the text of a histogram: a bin holds fewer than 10^12 calls. */
const DIGITS = 12;
/** The same digits as PostgreSQL keeps them, four in one. */
const NUMERIC_DIGITS = 3;
const NO_CALLS = numericDigits(0);
/** Below this many units every unit has a bin of its own; above it every octave has eight. */
const LINEAR_UNITS = 16;
const UNIT_BITS = 3;

/** The calls of one bin: `fromUs` <= duration < `toUs`. */
export interface LatencyBin {
  readonly fromUs: number;
  readonly toUs: number;
  readonly calls: number;
}

/**
 * How long calls took, in microseconds: counts in bins of 8 us up to 128 us and of eight an octave beyond, so that a value
 * read from it is wrong by 6 % at most (log-linear bins as in HdrHistogram, hdrhistogram.org). Histograms of any calls may be
 * added up, in any order, and nothing is lost.
 *
 * As text it is one number: bin n is its digit n to the base 10^12. PostgreSQL adds such numbers as `numeric`, so that a
 * `sum()` merges histograms. The SQL function `usage_latency(duration_us)` makes the histogram of one call.
 */
export class LatencyHistogram {
  private readonly counts = new Map<number, number>();
  private total = 0;
  private ordered: readonly LatencyBin[] | undefined;

  /** The bin of a duration in microseconds. */
  static binOf(durationUs: number): number {
    const units = durationUs >> UNIT_BITS;
    if (units < LINEAR_UNITS) return units < 0 ? 0 : units;
    const shift = 28 - Math.clz32(units);
    return (shift << 3) + (units >> shift);
  }

  /** As PostgreSQL writes a `numeric`; null and undefined: of no calls. */
  static parse(text: string | null | undefined): LatencyHistogram {
    const histogram = new LatencyHistogram();
    if (text === null || text === undefined || text === '0') return histogram;
    for (let end = text.length, bin = 0; end > 0; end -= DIGITS, bin += 1) {
      histogram.count(bin, Number(text.slice(Math.max(0, end - DIGITS), end)));
    }
    return histogram;
  }

  static ofBins(bins: readonly number[]): LatencyHistogram {
    const histogram = new LatencyHistogram();
    for (const bin of bins) histogram.count(bin, 1);
    return histogram;
  }

  add(durationUs: number): void {
    this.count(LatencyHistogram.binOf(durationUs), 1);
  }

  merge(other: LatencyHistogram): void {
    for (const [bin, calls] of other.counts) this.count(bin, calls);
  }

  get calls(): number {
    return this.total;
  }

  /** Bins with calls, the shortest first. */
  get bins(): readonly LatencyBin[] {
    this.ordered ??= this.sorted().map(([bin, calls]) => ({
      fromUs: lowerBound(bin),
      toUs: lowerBound(bin + 1),
      calls,
    }));
    return this.ordered;
  }

  /**
   * The duration in microseconds that the share `q` (0 to 1) of the calls stayed within, between the bounds of its bin as if
   * the calls of the bin were spread evenly; null when there are no calls.
   */
  percentile(q: number): number | null {
    const wanted = Math.max(1, Math.ceil(q * this.calls));
    let below = 0;
    for (const { fromUs, toUs, calls } of this.bins) {
      if (below + calls >= wanted) return fromUs + ((toUs - fromUs) * (wanted - below - 0.5)) / calls;
      below += calls;
    }
    return null;
  }

  /** For a COPY in binary. */
  toNumericField(): string {
    const bins = this.sorted();
    const highest = bins.at(-1)?.[0] ?? 0;
    let digits = '';
    let next = highest;
    for (const [bin, calls] of bins.toReversed()) {
      digits += `${NO_CALLS.repeat(next - bin)}${numericDigits(calls)}`;
      next = bin - 1;
    }
    return numeric(digits, (highest + 1) * NUMERIC_DIGITS - 1);
  }

  private sorted(): [bin: number, calls: number][] {
    return [...this.counts].sort(([a], [b]) => a - b);
  }

  private count(bin: number, calls: number): void {
    if (calls <= 0) return;
    this.counts.set(bin, (this.counts.get(bin) ?? 0) + calls);
    this.total += calls;
    this.ordered = undefined;
  }
}

/** The shortest duration of a bin, in microseconds. */
export function lowerBound(bin: number): number {
  if (bin < LINEAR_UNITS) return bin * 2 ** UNIT_BITS;
  return ((bin & 7) + 8) * 2 ** ((bin >> 3) - 1 + UNIT_BITS);
}
