import { type Identity, unbounded } from '#libs/access';
import type { VerificationRow } from './verification.query.js';
import { VerifiedKey } from './verified-key.js';

const READ_AT = 1000;
const identity: Identity = {
  keyId: 'k',
  userId: 'u',
  organizationId: 'o',
  ownerGrants: [],
  keyGrants: [],
  permissions: new Set(),
  installationWide: false,
  ...unbounded,
};
const usable: VerificationRow = {
  key_id: 'k',
  name: 'n',
  environment: 'live',
  secret_hash: Buffer.alloc(32),
  pepper_version: 'v',
  key_grants: [],
  allowed_addresses: [],
  limit_subject: 'k',
  rate_limit: null,
  quota: null,
  metadata: {},
  tags: [],
  expires_at: null,
  expires_in: null,
  revoked_in: null,
  disabled: false,
  owner_id: 'u',
  organization_id: 'o',
  lock_reason: null,
  locked: false,
  locked_until: null,
  lock_ends_in: null,
  owner_removed: false,
  organization_suspended: false,
  owner_grants: [],
  installation_wide: false,
};
const refusal = (
  row: Partial<VerificationRow>,
  at = READ_AT,
  address: string | null = '192.0.2.1',
  served?: string,
): string | undefined => new VerifiedKey({ ...usable, ...row }, identity, READ_AT).refusalAt(at, address, served)?.code;

describe('a verified key', () => {
  it('recognises the one credential that proved it, and none before', () => {
    const key = new VerifiedKey(usable, identity, READ_AT);
    expect(key.recognises('kw_live_k_secret')).toBe(false);
    key.proveBy('kw_live_k_secret');
    const tried = ['kw_live_k_secret', 'kw_live_k_secreT', 'kw_live_k_secret ', 'kw_dev_k_secret', ''];
    expect(tried.map((credential) => key.recognises(credential))).toEqual([true, false, false, false, false]);
  });

  it('may be used when nothing speaks against it', () => {
    expect(refusal({})).toBeUndefined();
    expect(refusal({}, READ_AT, null, 'live')).toBeUndefined();
  });

  it.each<[string, Partial<VerificationRow>, string]>([
    ['revoked', { revoked_in: -1 }, 'api_key.revoked'],
    ['of a deleted owner', { owner_removed: true }, 'api_key.revoked'],
    ['expired', { expires_in: 0 }, 'api_key.expired'],
    ['disabled', { disabled: true }, 'api_key.disabled'],
    ['of another environment', { environment: 'dev' }, 'api_key.environment_mismatch'],
    ['not allowed from here', { allowed_addresses: ['198.51.100.0/24'] }, 'api_key.address_not_allowed'],
    ['of a locked account', { locked: true, lock_reason: 'r' }, 'account.locked'],
    ['of a suspended organization', { organization_suspended: true }, 'organization.suspended'],
  ])('is refused when it is %s', (_, row, code) => {
    expect(refusal(row, READ_AT, '192.0.2.1', 'live')).toBe(code);
  });

  it('is refused for the first reason in the order of the contract when there are several', () => {
    const reasons: Partial<VerificationRow>[] = [
      { revoked_in: -1 },
      { expires_in: -1 },
      { disabled: true },
      { environment: 'dev' },
      { allowed_addresses: ['198.51.100.1'] },
      { locked: true },
      { organization_suspended: true },
    ];
    const codes = reasons.map((_, first) =>
      refusal(Object.assign({}, ...reasons.slice(first)), READ_AT, '192.0.2.1', 'live'),
    );
    expect(codes).toEqual([
      'api_key.revoked',
      'api_key.expired',
      'api_key.disabled',
      'api_key.environment_mismatch',
      'api_key.address_not_allowed',
      'account.locked',
      'organization.suspended',
    ]);
  });

  it.each<[string, Partial<VerificationRow>, string]>([
    ['its grace is over', { revoked_in: 500 }, 'api_key.revoked'],
    ['it expires', { expires_in: 500 }, 'api_key.expired'],
  ])('is refused from the moment %s, by the monotonic clock', (_, row, code) => {
    expect(refusal(row, READ_AT + 499)).toBeUndefined();
    expect(refusal(row, READ_AT + 500)).toBe(code);
  });

  it('may be used again from the moment its owner’s lock ends', () => {
    const row = { locked: true, lock_ends_in: 500 };
    expect(refusal(row, READ_AT + 499)).toBe('account.locked');
    expect(refusal(row, READ_AT + 500)).toBeUndefined();
    expect(refusal({ locked: true, lock_ends_in: -5 })).toBeUndefined();
  });

  it('is refused when it has an allow list and the address is not known', () => {
    expect(refusal({ allowed_addresses: ['0.0.0.0/0', '::/0'] }, READ_AT, null)).toBe('api_key.address_not_allowed');
  });

  it('tells the holder why and until when the account is locked', () => {
    const until = new Date('2027-01-01T00:00:00Z');
    const key = new VerifiedKey(
      { ...usable, locked: true, lock_reason: 'audit', locked_until: until, lock_ends_in: 9e9 },
      identity,
      READ_AT,
    );
    expect(key.refusalAt(READ_AT, null, undefined)?.members).toEqual({ reason: 'audit', until });
  });

  it('without a hash of its own, as of a legacy key, matches no secret', () => {
    expect(
      new VerifiedKey({ ...usable, secret_hash: null, pepper_version: null }, identity, READ_AT).secret,
    ).toBeNull();
  });
});
