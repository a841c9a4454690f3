import { pino } from 'pino';
import { flatLine } from './flat-line.js';

/** What pino writes for the same fields. */
function byPino(scope: string, fields: object): Record<string, unknown> {
  const lines: string[] = [];
  const logger = pino(
    { base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line) => lines.push(line) },
  );
  logger.child({ scope }).info(fields);
  return JSON.parse(lines.join('')) as Record<string, unknown>;
}

describe('a flat log line', () => {
  it.each([
    [{ msg: 'Request', status: 200, ms: 0.5, keyId: null, refusal: undefined }],
    [{ msg: 'quotes " and \n breaks \u2028 stay inside', path: '\ud800' }],
    [{}],
  ])('reads as pino would have written %j', (fields) => {
    const line = flatLine(30, 'Re"quest', fields) ?? '';
    expect(line.indexOf('\n')).toBe(line.length - 1);
    const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
    const { time: _, ...expected } = byPino('Re"quest', fields);
    expect(rest).toEqual(expected);
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it.each([[{ key: 'kw_live' }], [{ before: { name: 'x' } }], [{ at: new Date() }], [{ authorization: 'Bearer x' }]])(
    'is not made of %j',
    (fields) => {
      expect(flatLine(30, 'Scope', fields)).toBeUndefined();
    },
  );
});
