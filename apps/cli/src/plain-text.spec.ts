import { facts, minute, printable, table } from './plain-text.js';

describe('Text for a terminal', () => {
  it('shows as numbers what would move the cursor, hide text or turn its direction', () => {
    expect(printable('a\u001b[31m\nb\u202ec\u2028d')).toBe('a\\u{1b}[31m\\u{a}b\\u{202e}c\\u{2028}d');
  });

  it('leaves letters of every script as they are', () => {
    expect(printable('Zürich 東京 🔑')).toBe('Zürich 東京 🔑');
  });

  it('aligns columns to their widest cell', () => {
    expect(
      table(
        ['ID', 'NAME'],
        [
          ['1', 'long name'],
          ['200', 'x'],
        ],
      ),
    ).toBe('ID   NAME\n1    long name\n200  x');
  });

  it('aligns facts and gives times in UTC', () => {
    expect(facts({ id: '1', expires: minute(new Date('2027-02-20T16:39:31Z')), used: minute(null) })).toBe(
      '  id       1\n  expires  2027-02-20 16:39Z\n  used     -',
    );
  });
});
