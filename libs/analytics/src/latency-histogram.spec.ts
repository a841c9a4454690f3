import fc from 'fast-check';
import { LatencyHistogram, lowerBound } from './latency-histogram.js';

const LONGEST_US = 2_147_483_647;
const duration = fc.oneof(
  fc.integer({ min: 0, max: LONGEST_US }),
  fc.integer({ min: 0, max: 31 }).map((bits) => 2 ** bits - 1),
);
const of = (durations: readonly number[]): LatencyHistogram => {
  const histogram = new LatencyHistogram();
  for (const us of durations) histogram.add(us);
  return histogram;
};

describe('a latency histogram', () => {
  it('puts every duration into the one bin whose bounds hold it', () => {
    fc.assert(
      fc.property(duration, (us) => {
        const bin = LatencyHistogram.binOf(us);
        expect(bin).toBeGreaterThanOrEqual(0);
        expect(bin).toBeLessThan(208);
        expect(lowerBound(bin)).toBeLessThanOrEqual(us);
        expect(lowerBound(bin + 1)).toBeGreaterThan(us);
      }),
    );
  });

  it('has bins no wider than an eighth of what they hold, or 8 microseconds', () => {
    for (let bin = 0; bin < 208; bin++) {
      const width = lowerBound(bin + 1) - lowerBound(bin);
      expect(width).toBeLessThanOrEqual(Math.max(8, lowerBound(bin) / 8));
    }
  });

  it('is the same read back from its text, and empty from none', () => {
    fc.assert(
      fc.property(fc.array(duration, { maxLength: 50 }), (durations) => {
        const histogram = of(durations);
        expect(LatencyHistogram.parse(asNumeric(histogram.toString())).bins).toEqual(histogram.bins);
      }),
    );
    expect(LatencyHistogram.parse(null).calls).toBe(0);
  });

  it('added to another is that of all calls, whether here or as numbers', () => {
    fc.assert(
      fc.property(fc.array(duration, { maxLength: 50 }), fc.array(duration, { maxLength: 50 }), (some, others) => {
        const merged = of(some);
        merged.merge(of(others));
        expect(merged.bins).toEqual(of([...some, ...others]).bins);
        const sum = BigInt(asNumeric(of(some).toString())) + BigInt(asNumeric(of(others).toString()));
        expect(LatencyHistogram.parse(String(sum)).bins).toEqual(merged.bins);
      }),
    );
  });

  it('knows percentiles to within 6.25 percent of the truth, or 8 microseconds', () => {
    fc.assert(
      fc.property(
        fc.array(duration, { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (durations, q) => {
          const sorted = durations.toSorted((a, b) => a - b);
          const truth = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
          const read = of(durations).percentile(q) ?? Number.NaN;
          expect(Math.abs(read - truth)).toBeLessThanOrEqual(Math.max(8, truth / 8));
        },
      ),
    );
    expect(of([1000]).percentile(0.5)).toBeCloseTo(992);
    expect(of([]).percentile(0.5)).toBeNull();
  });
});

/** As PostgreSQL writes what it has read. */
function asNumeric(text: string): string {
  const [digits = '', zeros = '0'] = text.split('e');
  return String(BigInt(digits + '0'.repeat(Number(zeros))));
}
