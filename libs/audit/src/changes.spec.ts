import { changes } from './changes.js';

describe('changes', () => {
  it('are the members that differ, as they were and as they are', () => {
    const now = new Date(0);
    expect(changes({ a: 1, b: [1], c: now, d: null }, { a: 2, b: [1], c: new Date(0), d: 'x' })).toEqual({
      before: { a: 1, d: null },
      after: { a: 2, d: 'x' },
    });
  });
  it('are none between equal states', () => {
    expect(changes({ a: { b: 1 } }, { a: { b: 1 } })).toEqual({ before: {}, after: {} });
  });
});
