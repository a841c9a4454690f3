import fc from 'fast-check';

/** What can happen, the more often the higher. */
const weights = {
  call: 2,
  explain: 2,
  verify: 1,
  createRole: 2,
  editRole: 3,
  deleteRole: 1,
  createUser: 1,
  assignRoles: 4,
  grant: 5,
  withdraw: 4,
  issueKey: 5,
  rotateKey: 3,
  changeKey: 4,
  revokeKey: 2,
  lockUser: 1,
  unlockUser: 2,
  deleteUser: 1,
  suspendOrganization: 1,
  timePasses: 1,
};
export type Action = keyof typeof weights;

/** Every alternative by its weight, however deep it stands; by default the first is preferred the deeper it is. */
const flat = { depthSize: 'max' } as const;

const action = fc.oneof(
  flat,
  ...Object.entries(weights).map(([name, weight]) => ({ arbitrary: fc.constant(name as Action), weight })),
);

const grantOf: fc.Arbitrary<string> = fc.oneof(
  flat,
  {
    arbitrary: fc.constantFrom('users:read', 'users:lock', 'users:delete', 'api-keys:read', 'api-keys:create'),
    weight: 3,
  },
  { arbitrary: fc.constantFrom('orders:read', 'permissions:read', 'permissions:assign', 'roles:manage'), weight: 3 },
  { arbitrary: fc.constantFrom('users:*', 'api-keys:*', 'permissions:*', 'orders:*', 'organizations:*'), weight: 3 },
  { arbitrary: fc.constant('*'), weight: 1 },
);
const few: fc.Arbitrary<string[]> = fc.array(grantOf, { maxLength: 3 });
/** Enough to do something with, more often than not. */
const many: fc.Arbitrary<string[]> = fc.oneof(
  flat,
  { arbitrary: few, weight: 1 },
  { arbitrary: fc.constant<string[]>(['*']), weight: 1 },
  { arbitrary: few.map((more) => ['users:*', 'api-keys:*', 'permissions:*', 'roles:manage', ...more]), weight: 3 },
);
const choices = fc.array(fc.nat(11), { maxLength: 3 });
const expires = fc.oneof(
  flat,
  { arbitrary: fc.constant(undefined), weight: 3 },
  { arbitrary: fc.constantFrom(2090, 2091, Infinity), weight: 2 },
);

/** One thing that happens. Numbers choose among what there is by then, so that every part of a sequence is a sequence. */
const step = fc.record({
  action,
  /** With which key; undefined: the installation's administrator's. */
  actor: fc.option(fc.nat(59), { nil: undefined, freq: 3, ...flat }),
  user: fc.nat(59),
  key: fc.nat(59),
  role: fc.nat(59),
  holder: fc.constantFrom('role', 'user', 'key'),
  grants: fc.oneof(flat, few, many),
  roles: choices,
  expires,
  choice: fc.nat(59),
  /** By the route for one's own keys. */
  own: fc.boolean(),
  /** About the second organization. */
  away: fc.boolean(),
  flag: fc.boolean(),
});
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What there is when a sequence begins: two roles, three users (the last in the second organization), and their keys. */
const beginning = fc.record({
  roles: fc.tuple(many, few),
  isWide: fc.boolean(),
  users: fc.tuple(
    ...[0, 1, 2].map(() =>
      fc.record({ roles: choices, grants: few, keyGrants: many, expires: fc.constantFrom(Infinity, Infinity, 2090) }),
    ),
  ),
});
export type Beginning = typeof beginning extends fc.Arbitrary<infer B> ? B : never;

/** 5 to 20 steps; one that is left out when a failure is made smaller is null. */
export const sequences = fc.record({
  beginning,
  steps: fc.array(fc.option(step, { freq: 40, ...flat }), { minLength: 5, maxLength: 20, size: 'max' }),
});
