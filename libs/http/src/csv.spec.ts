import { csvLine } from './csv.js';

describe('A line of CSV', () => {
  it('ends with CRLF, and what is not there is an empty cell', () => {
    expect(csvLine(['a', null, undefined, 1, true, 2n])).toBe('a,,,1,true,2\r\n');
  });

  it('quotes what would end a cell or a line', () => {
    expect(csvLine(['a,b', 'say "hi"', 'two\nlines'])).toBe('"a,b","say ""hi""","two\nlines"\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1', '－1'])(
    'does not let a spreadsheet run %j',
    (text) => {
      expect(csvLine([text]).replace(/^"/, '').startsWith(`'${text}`)).toBe(true);
    },
  );

  it('leaves negative numbers numbers', () => {
    expect(csvLine([-1.5])).toBe('-1.5\r\n');
  });

  it('writes times in RFC 3339 and objects as JSON', () => {
    expect(csvLine([new Date(0), { a: 1 }])).toBe('1970-01-01T00:00:00.000Z,"{""a"":1}"\r\n');
  });
});
