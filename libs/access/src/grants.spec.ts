import fc from 'fast-check';
import { commonGrants, covers, effectivePermissions, grantPattern } from './grants.js';

const subjects = fc.constantFrom('users', 'user', 'api-keys', 'orders');
const names = fc
  .tuple(subjects, fc.constantFrom('read', 'create', 'delete'))
  .map(([subject, action]) => `${subject}:${action}`);
const grants = fc.oneof(
  names,
  subjects.map((subject) => `${subject}:*`),
  fc.constant('*'),
);
const lists = fc.array(grants, { maxLength: 6 });

describe('grants', () => {
  it.each([
    ['*', 'users:read', true],
    ['*', 'users:*', true],
    ['*', '*', true],
    ['users:*', 'users:read', true],
    ['users:*', 'users:*', true],
    ['users:*', '*', false],
    ['users:*', 'orders:read', false],
    ['users:*', 'users', false],
    ['users:*', 'users-of-others:read', false],
    ['user:*', 'users:read', false],
    ['users:read', 'users:read', true],
    ['users:read', 'users:*', false],
    ['users:read', 'users:reader', false],
  ])('of %s cover %s: %p', (grant, wanted, covered) => {
    expect(covers([grant], wanted)).toBe(covered);
  });

  it('cover themselves', () => {
    fc.assert(fc.property(lists, (list) => list.every((grant) => covers(list, grant))));
  });

  it('cover whatever is covered by what they cover', () => {
    fc.assert(fc.property(grants, grants, grants, (a, b, c) => !(covers([a], b) && covers([b], c)) || covers([a], c)));
  });

  it('cover nothing when there are none', () => {
    fc.assert(fc.property(grants, (grant) => !covers([], grant)));
  });

  it('never cover less when one is added', () => {
    fc.assert(
      fc.property(
        lists,
        grants,
        grants,
        (list, more, wanted) => !covers(list, wanted) || covers([...list, more], wanted),
      ),
    );
  });

  it('need a wildcard for a wildcard: all actions one by one do not amount to it', () => {
    fc.assert(
      fc.property(fc.array(names), subjects, (list, subject) => !covers(list, `${subject}:*`) && !covers(list, '*')),
    );
  });
});

describe('common grants', () => {
  it('give exactly what both lists give', () => {
    fc.assert(
      fc.property(lists, lists, names, (left, right, name) => {
        expect(covers(commonGrants(left, right), name)).toBe(covers(left, name) && covers(right, name));
      }),
      { numRuns: 1000 },
    );
  });

  it('are covered by both lists, wildcards included', () => {
    fc.assert(
      fc.property(lists, lists, (left, right) =>
        commonGrants(left, right).every((grant) => covers(left, grant) && covers(right, grant)),
      ),
    );
  });

  it('are the same whichever list comes first, and those of a list with itself give what the list gives', () => {
    fc.assert(
      fc.property(lists, lists, grants, (left, right, wanted) => {
        expect(covers(commonGrants(left, right), wanted)).toBe(covers(commonGrants(right, left), wanted));
        expect(covers(commonGrants(left, left), wanted)).toBe(covers(left, wanted));
      }),
    );
  });

  it('are none when one list is empty', () => {
    fc.assert(fc.property(lists, (list) => commonGrants(list, []).length === 0 && commonGrants([], list).length === 0));
  });
});

describe('effective permissions', () => {
  it('are the exact names that both the roles and the key give', () => {
    const all = ['users:read', 'users:create', 'orders:read'];
    expect([...effectivePermissions(all, ['*'], ['users:*'])]).toEqual(['users:read', 'users:create']);
    expect([...effectivePermissions(all, ['users:read'], ['*'])]).toEqual(['users:read']);
    expect([...effectivePermissions(all, ['*'], [])]).toEqual([]);
    expect([...effectivePermissions(all, [], ['*'])]).toEqual([]);
  });

  it('agree with the common grants', () => {
    fc.assert(
      fc.property(lists, lists, fc.array(names), (roles, key, all) => {
        const common = commonGrants(roles, key);
        expect([...effectivePermissions(all, roles, key)].toSorted()).toEqual(
          [...new Set(all)].filter((name) => covers(common, name)).toSorted(),
        );
      }),
    );
  });
});

describe('the form of a grant', () => {
  it.each(['*', 'users:*', 'users:read', 'api-keys:read', 'a1:b2-c'])('allows %s', (grant) => {
    expect(grantPattern.test(grant)).toBe(true);
  });
  it.each([
    '',
    '**',
    'users',
    'users:',
    ':read',
    '*:read',
    'Users:read',
    'users:re*',
    'users:read:own',
    'users:read\n',
    '1users:read',
    ' users:read',
  ])('refuses %j', (grant) => {
    expect(grantPattern.test(grant)).toBe(false);
  });
});
