import { covers } from '#libs/access';
import { Problem } from '#libs/http';
import { coverAFamily } from './address-coverage.js';
import type { ApiKey } from './api-key.entity.js';
import { PolicyProblems } from './key-policies.problems.js';
import type { KeyPolicy } from './key-policy.entity.js';

const DAY_MS = 86_400_000;

/** What of a key a policy looks at. */
export type RuledMember = 'expiresAt' | 'allowedAddresses' | 'grants';
export const ruledMembers: readonly RuledMember[] = ['expiresAt', 'allowedAddresses', 'grants'];

type RuledKey = Pick<ApiKey, RuledMember | 'createdAt'>;
type Rule =
  'maximumLifetimeDays' | 'allowListRequired' | 'forbiddenPermissions' | 'maximumKeysPerOwner' | 'maximumKeys';

/** The policies that hold for a key: the one for its environment and the one for all. A key keeps to both. */
export class KeyRules {
  /** `policies`: that of the environment before that of all. */
  constructor(private readonly policies: readonly KeyPolicy[]) {}

  /**
   * When a key expires whose request does not say it: after the default lifetime, that of the environment before that of
   * all, or else after the longest that is allowed; null when no policy limits it.
   */
  defaultExpiry(now: Date): Date | null {
    const wanted = this.policies.find(({ defaultLifetimeDays }) => defaultLifetimeDays !== null)?.defaultLifetimeDays;
    const days = Math.min(wanted ?? Infinity, ...this.policies.map((policy) => policy.maximumLifetimeDays ?? Infinity));
    return days === Infinity ? null : new Date(now.getTime() + days * DAY_MS);
  }

  /** @throws Problem policy.violated for the first rule that one of `members` breaks */
  assertAllow(key: RuledKey, members: readonly RuledMember[] = ruledMembers): void {
    for (const policy of this.policies) {
      if (members.includes('expiresAt')) assertLifetime(policy, key);
      if (members.includes('allowedAddresses')) assertAllowList(policy, key);
      if (members.includes('grants')) assertGrants(policy, key);
    }
  }

  /** The policies that limit how many keys there may be. */
  get counting(): readonly KeyPolicy[] {
    return this.policies.filter((policy) => policy.maximumKeys !== null || policy.maximumKeysPerOwner !== null);
  }
}

/** The life of a secret counts from when it was issued, so that no series of changes prolongs it. */
function assertLifetime(policy: KeyPolicy, { createdAt, expiresAt }: RuledKey): void {
  const days = policy.maximumLifetimeDays;
  if (days === null) return;
  const latest = new Date(createdAt.getTime() + days * DAY_MS);
  if (expiresAt !== null && expiresAt <= latest) return;
  const detail = `A key may live for at most ${days} days, which is until ${latest.toISOString()}.`;
  throw violation(policy, 'maximumLifetimeDays', days, detail);
}

function assertAllowList(policy: KeyPolicy, { allowedAddresses }: RuledKey): void {
  if (!policy.allowListRequired) return;
  if (allowedAddresses.length > 0 && !coverAFamily(allowedAddresses)) return;
  const detail =
    'A key must have an allow list of addresses and ranges, which together may not be all IPv4 or all IPv6 addresses.';
  throw violation(policy, 'allowListRequired', 'allowedAddresses that leave addresses of both families out', detail);
}

/** A wildcard that gives something forbidden is as forbidden as what it gives. */
function assertGrants(policy: KeyPolicy, { grants }: RuledKey): void {
  const overlaps = (grant: string): boolean =>
    policy.forbiddenPermissions.some((forbidden) => covers([grant], forbidden) || covers([forbidden], grant));
  const refused = grants.filter(overlaps);
  if (refused.length === 0) return;
  const allowed = grants.filter((grant) => !overlaps(grant));
  const detail = `A key may not be granted ${refused.join(', ')}: forbidden are ${policy.forbiddenPermissions.join(', ')}.`;
  throw violation(policy, 'forbiddenPermissions', allowed, detail);
}

export function violation(policy: KeyPolicy, rule: Rule, allowed: unknown, detail: string): Problem {
  return new Problem(PolicyProblems.violated, { detail, members: { rule, allowed, environment: policy.environment } });
}
