import { ArrayMaxSize, IsArray, IsBoolean, IsInt, Matches, Max, Min } from 'class-validator';
import { grantPattern } from '#libs/access';
import { asResource, Clearable, Optional } from '#libs/http';
import type { KeyPolicy } from './key-policy.entity.js';

/** The whole policy: a rule that is absent or null does not hold. */
export class SetKeyPolicyRequest {
  /** After how many days a key expires whose request does not say it; absent: after the longest that is allowed. @example 90 */
  @Clearable()
  @IsInt()
  @Min(1)
  @Max(36_500)
  defaultLifetimeDays?: number | null;

  /** How many days after its issue a key expires at the latest; a key that never expires is refused. @example 365 */
  @Clearable()
  @IsInt()
  @Min(1)
  @Max(36_500)
  maximumLifetimeDays?: number | null;

  /** Whether a key must have an allow list of addresses. */
  @Optional()
  @IsBoolean()
  allowListRequired?: boolean;

  /** What no key may be granted, by name or by a wildcard that gives it. @example ['users:*'] */
  @Optional()
  @IsArray()
  @ArrayMaxSize(200)
  @Matches(grantPattern, { each: true, message: 'each entry must be <category>:<action>, <category>:* or *' })
  forbiddenPermissions?: string[];

  /** How many keys that work one owner may have. @example 10 */
  @Clearable()
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  maximumKeysPerOwner?: number | null;

  /** How many keys that work the organization may have. @example 1000 */
  @Clearable()
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  maximumKeys?: number | null;
}

/** What the keys of an organization must keep to. */
export class KeyPolicyView {
  organizationId: string;
  /** `*` for all environments. A key keeps to the policy of its environment and to that for all. @example 'live' */
  environment: string;
  defaultLifetimeDays: number | null;
  maximumLifetimeDays: number | null;
  allowListRequired: boolean;
  forbiddenPermissions: string[];
  maximumKeysPerOwner: number | null;
  maximumKeys: number | null;
  createdAt: Date;
  updatedAt: Date;

  static of(policy: KeyPolicy): KeyPolicyView {
    const { version, ...shown } = policy;
    const path = `admin/organizations/${policy.organizationId}/key-policies/${policy.environment}`;
    return asResource(Object.assign(new KeyPolicyView(), shown), { path, version });
  }
}

/** The policies of an organization: at most one for each environment and one for all, so they are one page. */
export class KeyPoliciesView {
  items: KeyPolicyView[];
  /** Always null. */
  next: string | null;
}
