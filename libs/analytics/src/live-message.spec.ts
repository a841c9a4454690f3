import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { LatencyHistogram } from './latency-histogram.js';
import { decodeSums, encodeSums } from './live-message.js';
import { LiveSums, type LiveSumsByOrganization, sumsFor } from './live-sums.js';

const calls = (durations: readonly number[]): LatencyHistogram => {
  const histogram = new LatencyHistogram();
  for (const duration of durations) histogram.add(duration);
  return histogram;
};
const plain = ({ calls: count, clientErrors, serverErrors, latency, byKey }: LiveSums): object => ({
  count,
  clientErrors,
  serverErrors,
  bins: latency.bins,
  keys: [...byKey].toSorted(([a], [b]) => a.localeCompare(b)),
});

describe('The sums of a second as notifications', () => {
  it('arrive as they were', () => {
    const durations = fc.array(fc.integer({ min: 0, max: 60_000_000 }), { maxLength: 20 });
    const entry = fc.record({
      organizationId: fc.option(fc.uuid()),
      apiKeyId: fc.option(fc.constantFrom('a', 'b', 'c')),
      statusCode: fc.constantFrom(200, 301, 404, 429, 500, 503),
      durations,
    });
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const sums: LiveSumsByOrganization = new Map();
        for (const { durations: took, ...call } of entries)
          sumsFor(sums, call.organizationId).add({ ...call, calls: took.length, latency: calls(took) });
        const arrived = new Map(encodeSums(sums).flatMap((message) => decodeSums(message)));
        expect([...arrived].map(([id, one]) => [id, plain(one)])).toEqual(
          [...sums].map(([id, one]) => [id, plain(one)]),
        );
      }),
    );
  });

  it('stay below what a notification may hold, however many organizations call', () => {
    const sums: LiveSumsByOrganization = new Map();
    const durations = Array.from({ length: 300 }, (_, at) => 1.05 ** at);
    for (let organization = 0; organization < 300; organization++) {
      const one = sumsFor(sums, randomUUID());
      for (let key = 0; key < 50; key++)
        one.add({
          organizationId: null,
          apiKeyId: randomUUID(),
          statusCode: 200,
          calls: 300,
          latency: calls(durations),
        });
    }
    const messages = encodeSums(sums);
    for (const message of messages) expect(Buffer.byteLength(message)).toBeLessThan(8000);
    expect(messages.flatMap((message) => decodeSums(message))).toHaveLength(300);
  });

  it('are none when there was nothing', () => {
    expect(encodeSums(new Map())).toEqual([]);
  });

  it.each(['', '{', '1', '[1]', '[[1]]', '[["a",-1,0,0,[],[]]]', '[["a",1e99,0,0,[],[]]]', '[null]', '[[null,1,0]]'])(
    'are not taken from %j',
    (message) => expect(decodeSums(message)).toEqual([]),
  );

  it('are taken without the parts that are wrong', () => {
    const [entry] = decodeSums('[["a",1,0,0,[[1],["x",1],[5,1]],[[1,1],["k",1e300],["key",2]]]]');
    expect(plain(entry![1])).toMatchObject({ count: 1, bins: [{ calls: 1 }], keys: [['key', 2]] });
  });
});
