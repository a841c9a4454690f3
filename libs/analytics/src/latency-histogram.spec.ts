import fc from 'fast-check';
import { fieldsOf } from '../../../test/support/copy-rows.js';
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

  it('is the same read back from its number, and empty from none', () => {
    fc.assert(
      fc.property(fc.array(duration, { maxLength: 50 }), (durations) => {
        const histogram = of(durations);
        expect(LatencyHistogram.parse(asNumeric(histogram.toNumericField())).bins).toEqual(histogram.bins);
      }),
    );
    expect(LatencyHistogram.parse(asNumeric(of([]).toNumericField())).calls).toBe(0);
    expect(LatencyHistogram.parse(null).calls).toBe(0);
  });

  it('added to another is that of all calls, whether here or as numbers', () => {
    fc.assert(
      fc.property(fc.array(duration, { maxLength: 50 }), fc.array(duration, { maxLength: 50 }), (some, others) => {
        const merged = of(some);
        merged.merge(of(others));
        expect(merged.bins).toEqual(of([...some, ...others]).bins);
        const sum = BigInt(asNumeric(of(some).toNumericField())) + BigInt(asNumeric(of(others).toNumericField()));
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

/** The number that PostgreSQL reads from a field of its binary format. */
function asNumeric(field: string): string {
  const [bytes] = fieldsOf(field);
  const digits = Array.from({ length: bytes!.readInt16BE(0) }, (_, at) => BigInt(bytes!.readInt16BE(8 + 2 * at)));
  const zeros = bytes!.readInt16BE(2) + 1 - digits.length;
  return String(digits.reduce((sum, digit) => sum * 10_000n + digit, 0n) * 10_000n ** BigInt(Math.max(0, zeros)));
}
