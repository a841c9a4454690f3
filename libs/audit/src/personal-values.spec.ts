import type { Database } from '#libs/database';
import { PersonalValues } from './personal-values.js';

const ADA = '01900000-0000-7000-8000-00000000000a';
const BOB = '01900000-0000-7000-8000-00000000000b';

/** The table personal_keys in memory: what it is asked is told apart by the first word of the statement. */
class FakeKeys {
  readonly keys = new Map<string, Buffer | null>();

  async query(sql: string, [first, second]: readonly unknown[]): Promise<object[]> {
    if (sql.includes('do update')) this.keys.set(String(first), null);
    else if (sql.startsWith('insert')) this.keys.set(String(first), Buffer.from(second as Buffer));
    const asked = Array.isArray(first) ? first.map(String) : [String(first)];
    return asked.flatMap((id) => (this.keys.has(id) ? [{ user_id: id, key: this.keys.get(id) ?? null }] : []));
  }
}

describe('personal values', () => {
  const values = new PersonalValues(new FakeKeys() as unknown as Database);
  const sealed = async (subject: string, after: object): Promise<Record<string, unknown>> =>
    JSON.parse(JSON.stringify((await values.seal(subject, ['email', 'name'], { after })).after));
  const opened = async (state: Record<string, unknown>, only?: string): Promise<Record<string, unknown>> => {
    const copy = structuredClone(state);
    await values.open([copy, null], only);
    return copy;
  };

  it('are stored unreadable, twice never alike, and read as they were', async () => {
    const [one, two] = [
      await sealed(ADA, { email: 'ada@x', name: null, tier: 'free' }),
      await sealed(ADA, { email: 'ada@x' }),
    ];
    expect(JSON.stringify(one)).not.toContain('ada@x');
    expect(one.email).not.toEqual(two.email);
    expect(one).toMatchObject({ name: null, tier: 'free' });
    expect(await opened(one)).toEqual({ email: 'ada@x', name: null, tier: 'free' });
  });

  it('of another user than the reader are withheld', async () => {
    expect(await opened(await sealed(ADA, { email: 'ada@x' }), BOB)).toEqual({ email: '[withheld]' });
    expect(await opened(await sealed(ADA, { email: 'ada@x' }), ADA)).toEqual({ email: 'ada@x' });
  });

  it('that somebody altered, moved to another user or made up read as erased, and break nothing', async () => {
    const state = await sealed(ADA, { email: 'ada@x' });
    const { sealed: text } = state.email as { sealed: string };
    const altered = `${text.slice(0, -8)}AAAAAAA=`;
    await sealed(BOB, { email: 'bob@x' });
    for (const [subject, value] of [
      [ADA, altered],
      [BOB, text],
      [ADA, ''],
      [ADA, 'no base64!'],
    ] as const)
      expect(await opened({ email: { sealed: value, subject } })).toEqual({ email: '[erased]' });
    const noise = { email: { sealed: 'x', subject: 'nobody' } };
    expect(await opened(noise)).toEqual(noise);
  });

  it('cannot be read once they are shredded, nor those that come later', async () => {
    const before = await sealed(ADA, { email: 'ada@x' });
    await values.shred(ADA);
    expect(await opened(before)).toEqual({ email: '[erased]' });
    expect(await opened(await sealed(ADA, { name: 'Ada' }))).toEqual({ name: '[erased]' });
  });
});
