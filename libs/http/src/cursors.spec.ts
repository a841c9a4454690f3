import { SecretKeys } from '#libs/secrets';
import fc from 'fast-check';
import { Cursors } from './cursors.js';

const secrets = (current: string, previous?: string): SecretKeys => new SecretKeys({ current, previous });
const cursors = new Cursors(secrets('a'.repeat(32)));

describe('a cursor', () => {
  it('opens to what was sealed, in the list that sealed it', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { maxLength: 3 }), (list, position) => {
        expect(cursors.open(list, cursors.seal(list, position))).toEqual(position);
      }),
    );
  });

  it('does not open in another list', () => {
    const cursor = cursors.seal('users id DESC', ['x']);
    expect(() => cursors.open('users email DESC', cursor)).toThrow(
      expect.objectContaining({ code: 'request.invalid_cursor' }),
    );
  });

  it('does not open once any of its characters was altered', () => {
    const cursor = cursors.seal('users', ['a value', 'an id']);
    for (let at = 0; at < cursor.length - 1; at++) {
      const altered = cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1);
      expect(() => cursors.open('users', altered)).toThrow(expect.objectContaining({ code: 'request.invalid_cursor' }));
    }
  });

  it('opens while the secret is being rotated, and not after', () => {
    const cursor = cursors.seal('users', ['x']);
    expect(new Cursors(secrets('b'.repeat(32), 'a'.repeat(32))).open('users', cursor)).toEqual(['x']);
    expect(() => new Cursors(secrets('b'.repeat(32))).open('users', cursor)).toThrow(/cursor/);
  });

  it('never fails in another way, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) =>
        expect(() => cursors.open('users', text)).toThrow(expect.objectContaining({ code: 'request.invalid_cursor' })),
      ),
    );
  });
});
