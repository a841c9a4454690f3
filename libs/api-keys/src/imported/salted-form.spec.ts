import { pbkdf2Sync, scryptSync } from 'node:crypto';
import { hash as argon2 } from '@node-rs/argon2';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { readHash, type Scheme, storedForm } from './imported-hash.js';
import type { SaltedForm } from './salted-form.js';

const key = 'sk_old_0123456789abcdef';
const salt = Buffer.from('sixteen bytes ..');
const bare = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

const examples: [Scheme, () => string | Promise<string>][] = [
  ['bcrypt', () => bcrypt(key, 9)],
  ['argon2', () => argon2(key, { memoryCost: 16_384, timeCost: 2 })],
  ['scrypt', () => `$scrypt$ln=14,r=8,p=1$${bare(salt)}$${bare(scryptSync(key, salt, 32, { N: 16_384 }))}`],
  ['pbkdf2', () => `$pbkdf2-sha256$i=300000$${bare(salt)}$${bare(pbkdf2Sync(key, salt, 300_000, 32, 'sha256'))}`],
];

function formOf(scheme: Scheme, hash: string): SaltedForm {
  const read = readHash({ scheme, hash, lookup: key.slice(0, 8) });
  if (!('form' in read)) throw new Error(`${scheme} is no salted hash`);
  return read.form;
}

describe.each(examples)('a hash by %s', (scheme, made) => {
  it('proves its key and no other, also when it is read from what was stored', async () => {
    const form = formOf(scheme, await made());
    for (const each of [form, storedForm(form.text)]) {
      expect(await each.verify(key)).toBe(true);
      expect(await each.verify(`${key}x`)).toBe(false);
    }
  });

  it('is computed beside the event loop, which turns meanwhile', async () => {
    const form = formOf(scheme, await made());
    let turns = 0;
    let isDone = false;
    const verified = form.verify(key).finally(() => (isDone = true));
    const turn = (): void => {
      turns += 1;
      if (!isDone) setImmediate(turn);
    };
    turn();
    await verified;
    expect(turns).toBeGreaterThan(1); // once it turns before the hash begins, and no more if that holds it up
  });

  it.each(['', '$', 'x'.repeat(512), '$2b$10$', '$argon2id$v=19$m=8,t=1,p=1$$', '$scrypt$ln=1,r=1,p=1$*$*', '\0'])(
    'is refused when it reads %j',
    (text) => {
      expect(() => formOf(scheme, text)).toThrow(expect.objectContaining({ code: 'request.invalid' }));
    },
  );
});

describe('a hash that is taken in can be computed, whoever presents what key', () => {
  const digest = 'A'.repeat(43);

  it.each([
    ['argon2', `$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAB$${digest}`], // a last character with bits of no byte
    ['argon2', `$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAA$${'A'.repeat(42)}B`],
    ['argon2', `$argon2i$v=16$m=64,t=1,p=8$${'A'.repeat(86)}$${'A'.repeat(22)}`],
    ['bcrypt', `$2b$04$${'9'.repeat(53)}`],
    ['scrypt', `$scrypt$ln=15,r=1,p=1$AAAA$${digest}`],
    ['scrypt', `$scrypt$ln=1,r=300000,p=1$AAAA$${digest}`],
    ['scrypt', `$scrypt$ln=1,r=1,p=500000$AAAA$${digest}`],
    ['pbkdf2', `$pbkdf2$1$AA$${'A'.repeat(22)}`],
  ] as const)('%s: %s', async (scheme, hash) => {
    const form = formOf(scheme, hash);
    expect(await form.verify(key)).toBe(false);
    expect(storedForm(form.text).text).toBe(form.text);
  });

  it('is refused where scrypt is not defined: N must be below 2^(128 * r / 8) (RFC 7914, section 2)', () => {
    expect(() => formOf('scrypt', `$scrypt$ln=16,r=1,p=1$AAAA$${digest}`)).toThrow(
      expect.objectContaining({ code: 'request.invalid' }),
    );
  });
});

describe('a hash by bcrypt', () => {
  it('proves no key of which it would see the first 72 characters alone', async () => {
    const long = 'k'.repeat(72);
    const form = formOf('bcrypt', await bcrypt(`${long}the rest`, 4));
    expect(await form.verify(`${long}another rest`)).toBe(false);
    expect(await form.verify(long)).toBe(true);
  });
});
