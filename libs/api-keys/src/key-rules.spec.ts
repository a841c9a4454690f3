import { Problem } from '#libs/http';
import { KeyPolicy } from './key-policy.entity.js';
import { KeyRules, type RuledMember } from './key-rules.js';

const DAY_MS = 86_400_000;
const now = new Date('2026-01-31T12:00:00Z');
const inDays = (days: number): Date => new Date(now.getTime() + days * DAY_MS);
const policy = (rules: Partial<KeyPolicy>): KeyPolicy =>
  Object.assign(new KeyPolicy(), {
    environment: '*',
    defaultLifetimeDays: null,
    maximumLifetimeDays: null,
    allowListRequired: false,
    forbiddenPermissions: [],
    maximumKeysPerOwner: null,
    maximumKeys: null,
    ...rules,
  });
const key = { createdAt: now, expiresAt: inDays(1), allowedAddresses: ['192.0.2.1'], grants: ['orders:read'] };

function refusal(rules: Partial<KeyPolicy>, changed: object, members?: readonly RuledMember[]): unknown {
  try {
    new KeyRules([policy(rules)]).assertAllow({ ...key, ...changed }, members);
    return undefined;
  } catch (error) {
    return error instanceof Problem ? error.members : error;
  }
}

describe('the rules for keys', () => {
  it('allow everything where there is no policy', () => {
    expect(new KeyRules([]).defaultExpiry(now)).toBeNull();
    expect(() => new KeyRules([]).assertAllow({ ...key, expiresAt: null, grants: ['*'] })).not.toThrow();
  });

  it.each<[string, (Partial<KeyPolicy> | undefined)[], number | undefined]>([
    ['the default of the environment before that of all', [{ defaultLifetimeDays: 5 }, { defaultLifetimeDays: 9 }], 5],
    ['the default of all where the environment has none', [{ maximumKeys: 1 }, { defaultLifetimeDays: 9 }], 9],
    ['no more than the shortest maximum', [{ defaultLifetimeDays: 90 }, { maximumLifetimeDays: 30 }], 30],
    ['the maximum where there is no default', [{ maximumLifetimeDays: 7 }, { maximumLifetimeDays: 8 }], 7],
    ['never where nothing limits it', [{ allowListRequired: true }], undefined],
  ])('let a key expire by default after %s', (_, policies, days) => {
    const expiry = new KeyRules(policies.map((rules) => policy(rules ?? {}))).defaultExpiry(now);
    expect(expiry).toEqual(days === undefined ? null : inDays(days));
  });

  it('allow the last moment of a lifetime and refuse the next', () => {
    const last = inDays(30);
    expect(refusal({ maximumLifetimeDays: 30 }, { expiresAt: last })).toBeUndefined();
    expect(refusal({ maximumLifetimeDays: 30 }, { expiresAt: new Date(last.getTime() + 1) })).toMatchObject({
      rule: 'maximumLifetimeDays',
      allowed: 30,
      environment: '*',
    });
  });

  it.each([
    ['orders:read', 'orders:read'],
    ['orders:*', 'orders:read'],
    ['orders:read', 'orders:*'],
    ['*', 'orders:read'],
    ['orders:read', '*'],
  ])('take the grant %s for one that gives something of the forbidden %s', (grant, forbidden) => {
    expect(refusal({ forbiddenPermissions: [forbidden] }, { grants: [grant] })).toMatchObject({
      rule: 'forbiddenPermissions',
      allowed: [],
    });
  });

  it('judge only what was changed of a key from before the policy', () => {
    const rules = { maximumLifetimeDays: 1, allowListRequired: true };
    const old = { expiresAt: null, allowedAddresses: [] };
    expect(refusal(rules, old, ['grants'])).toBeUndefined();
    expect(refusal(rules, old, ['allowedAddresses'])).toMatchObject({ rule: 'allowListRequired' });
  });
});
