import type { Principal } from '#libs/access';
import type { Problem, RequestContext } from '#libs/http';
import { BruteForceDetector } from './brute-force.detector.js';
import type { SecurityConfig } from './security.config.js';
import type { Detection, ExaminedCall } from './security-detector.js';

const guess = (
  keyId: string | null,
  clientAddress: string,
  code = 'api_key.invalid',
  asker: string | null = null,
): ExaminedCall => ({
  outcome: 'refused',
  caller: { keyId, userId: 'user', organizationId: 'organization' },
  problem: { code } as Problem,
  call: { clientAddress } as RequestContext,
  address: asker === null ? clientAddress : null,
  asker: asker === null ? null : ({ keyId: asker, userId: 'u', organizationId: 'o' } as Principal),
});

describe('the detector of brute force', () => {
  const detector = (limit: number | undefined): BruteForceDetector =>
    new BruteForceDetector({
      guessAlarm: limit === undefined ? undefined : { limit, windowSeconds: 60 },
    } as SecurityConfig);
  const subjects = (found: readonly Detection[] | undefined): string[] => (found ?? []).map(({ subject }) => subject);

  it('notices guesses at one key from many addresses', () => {
    const one = detector(2);
    const found = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((address) => subjects(one.examine(guess('k', address))));
    expect(found).toEqual([[], [], ['key k']]);
  });

  it('notices guesses at many keys from one address, an IPv6 /64 being one', () => {
    const one = detector(2);
    const found = ['2001:db8::1', '2001:db8::2', '2001:db8::3'].map((address) =>
      subjects(one.examine(guess(null, address))),
    );
    expect(found).toEqual([[], [], ['address 2001:db8:0:0::/64']]);
  });

  it('notices guesses at one service, apart from those of the address that it calls from', () => {
    const one = detector(2);
    const found = [null, 'service', null, 'service', 'service', null].map((asker) =>
      subjects(one.examine(guess(null, '192.0.2.1', 'api_key.invalid', asker))),
    );
    expect(found).toEqual([[], [], [], [], ['asker service'], ['address 192.0.2.1']]);
  });

  it('counts the guesses at one key together, wherever they were tried, and names no service', () => {
    const one = detector(1);
    const [first, second] = ['a', 'b'].map((asker) => one.examine(guess('k', '192.0.2.1', 'api_key.invalid', asker)));
    expect([subjects(first), subjects(second)]).toEqual([[], ['key k']]);
    expect(second?.[0]).toMatchObject({
      address: null,
      summary: expect.stringContaining('the last at another service.'),
    });
  });

  it('takes no other refusal for a guess, and can be off', () => {
    const one = detector(1);
    for (const code of ['api_key.revoked', 'api_key.malformed', 'permission.missing', 'rate_limit.address'])
      for (let at = 0; at < 5; at++) expect(one.examine(guess('k', '192.0.2.1', code))).toBeUndefined();
    const off = detector(undefined);
    for (let at = 0; at < 5; at++) expect(off.examine(guess('k', '192.0.2.1'))).toBeUndefined();
  });
});
