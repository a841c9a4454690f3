import { type Identity, Principal, unbounded } from './principal.js';

const principalOf = (ownerGrants: string[], keyGrants: string[], more: Partial<Identity> = {}): Principal =>
  new Principal(
    {
      keyId: 'k',
      userId: 'u',
      organizationId: 'o',
      ownerGrants,
      keyGrants,
      permissions: new Set(),
      installationWide: false,
      ...unbounded,
      ...more,
    },
    null,
  );

describe('a principal', () => {
  it('holds what both its roles and its key give', () => {
    const principal = principalOf(['users:*', 'orders:read'], ['users:read', 'orders:*']);
    expect(
      ['users:read', 'orders:read', 'users:create', 'orders:create', 'users:*', 'orders:*'].map((grant) =>
        principal.holds(grant),
      ),
    ).toEqual([true, true, false, false, false, false]);
  });

  it('holds a wildcard only when both give that wildcard or a wider one', () => {
    expect(principalOf(['*'], ['users:*']).holds('users:*')).toBe(true);
    expect(principalOf(['*'], ['users:*']).holds('*')).toBe(false);
    expect(principalOf(['*'], ['*']).holds('*')).toBe(true);
  });

  it('may grant nothing that it does not hold, and is told what', () => {
    const principal = principalOf(['users:*'], ['*']);
    expect(() => principal.assertMayGrant(['users:read', 'users:*'])).not.toThrow();
    expect(() => principal.assertMayGrant(['users:read', 'orders:read', '*'])).toThrow(
      expect.objectContaining({ code: 'permission.escalation', members: { missing: ['orders:read', '*'] } }),
    );
  });

  it('sees its own organization, or all of them when a role reaches over all', () => {
    expect(principalOf([], []).scope).toBe('o');
    expect(principalOf([], [], { installationWide: true }).scope).toBeNull();
  });

  it('is everything and nobody in particular when it is the system', () => {
    const system = Principal.system('command line');
    expect(system).toMatchObject({
      kind: 'system',
      name: 'command line',
      userId: null,
      keyId: null,
      scope: null,
      requestId: null,
      address: null,
    });
    expect(system.holds('*')).toBe(true);
  });
});
