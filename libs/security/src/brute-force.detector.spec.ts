import type { Problem, RequestContext } from '#libs/http';
import { BruteForceDetector } from './brute-force.detector.js';
import type { SecurityConfig } from './security.config.js';
import type { Detection, ExaminedCall } from './security-detector.js';

const guess = (keyId: string | null, clientAddress: string, code = 'api_key.invalid'): ExaminedCall => ({
  outcome: 'refused',
  caller: { keyId, userId: 'user', organizationId: 'organization' },
  problem: { code } as Problem,
  call: { clientAddress } as RequestContext,
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

  it('takes no other refusal for a guess, and can be off', () => {
    const one = detector(1);
    for (const code of ['api_key.revoked', 'api_key.malformed', 'permission.missing', 'rate_limit.address'])
      for (let at = 0; at < 5; at++) expect(one.examine(guess('k', '192.0.2.1', code))).toBeUndefined();
    const off = detector(undefined);
    for (let at = 0; at < 5; at++) expect(off.examine(guess('k', '192.0.2.1'))).toBeUndefined();
  });
});
