import { Precondition } from './precondition.js';

const isMet = (header: string, version: number | null): boolean => {
  try {
    Precondition.parse(header).assertMetBy(version);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'request.precondition_failed') return false;
    throw error;
  }
};

describe('If-Match', () => {
  it.each(['*', ' * ', '"3"', '"3-abcdefghij"', '"2", "3"', ',"2",,W/"x" , "3" ,', '"a,b","3"'])(
    '%s is met by version 3',
    (header) => expect(isMet(header, 3)).toBe(true),
  );

  it.each(['"2"', '"33"', '"03"', 'W/"3"', '"3x"', '"3-short"', '""', '"1", "2"', '"9999999999999999999"'])(
    '%s is not met by version 3',
    (header) => expect(isMet(header, 3)).toBe(false),
  );

  it.each(['', '3', '"3', '"3" "4"', '*, "3"', 'w/"3"', ',', '"3", *', '"3";'])(
    '%j is neither * nor a list of entity tags, and is refused with 400',
    (header) => expect(() => isMet(header, 3)).toThrow('Not accepted: /If-Match.'),
  );

  it.each(['*', '"1"', '"0"'])('%s is not met by what is not there yet', (header) =>
    expect(isMet(header, null)).toBe(false),
  );

  it('is read in linear time', () => {
    const startedAt = performance.now();
    for (const hostile of [`"a"${','.repeat(16_000)}x`, `${' '.repeat(16_000)}x`, `"${'a'.repeat(16_000)}`])
      expect(() => Precondition.parse(hostile)).toThrow('Not accepted');
    expect(performance.now() - startedAt).toBeLessThan(200);
  });

  it('is about what is judged first; what changes along with it is not judged', () => {
    const precondition = Precondition.parse('"3"');
    precondition.assertMetBy(3);
    expect(() => precondition.assertMetBy(7)).not.toThrow();
  });
});
