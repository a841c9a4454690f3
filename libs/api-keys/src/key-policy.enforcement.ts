import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database } from '#libs/database';
import { OrganizationRepository } from '#libs/organizations';
import type { ApiKey, KeyStatus } from './api-key.entity.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { ALL_ENVIRONMENTS } from './key-policy.entity.js';
import { KeyPolicyRepository } from './key-policy.repository.js';
import { KeyRules, type RuledMember, ruledMembers, violation } from './key-rules.js';

type PolicedKey = Pick<ApiKey, 'organizationId' | 'ownerId' | 'environment'>;

/** What a key was before it was changed. */
export interface FormerKey {
  readonly status: KeyStatus;
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * Holds keys to the policies of their organization, in the transaction that issues, rotates or changes them. What the
 * operator does at the command line is above them: it must work when no key does.
 */
@Injectable()
export class KeyPolicyEnforcement {
  constructor(
    private readonly database: Database,
    private readonly organizations: OrganizationRepository,
    private readonly policies: KeyPolicyRepository,
    private readonly keys: ApiKeyRepository,
  ) {}

  /** The rules for a key; nobody changes them before the caller's transaction ends. */
  async rulesFor(
    principal: Principal,
    { organizationId, environment }: Omit<PolicedKey, 'ownerId'>,
  ): Promise<KeyRules> {
    if (principal.kind === 'system') return new KeyRules([]);
    await this.organizations.holds(organizationId);
    return new KeyRules(await this.policies.holdingFor(organizationId, environment));
  }

  /**
   * Judges a stored change: of a key that works again everything, of any other what was changed. What was not touched
   * passes, even when the key would not be issued today.
   * @throws Problem policy.violated
   */
  async assertAllowsChange(principal: Principal, before: FormerKey, key: ApiKey, now: Date): Promise<void> {
    const status = key.statusAt(now);
    const works = status === 'active' || status === 'rotating';
    const worked = before.status === 'active' || before.status === 'rotating';
    const isRevived = works && !worked;
    const isRotated = status === 'rotating' && before.status === 'active';
    const members: readonly RuledMember[] = isRevived
      ? ruledMembers
      : ruledMembers.filter((member) => differs(before, key, member));
    if (status === 'revoked' || (members.length === 0 && !isRevived && !isRotated)) return;
    const rules = await this.rulesFor(principal, key);
    rules.assertAllow(key, members);
    if (isRevived || isRotated) await this.assertRoom(rules, key);
  }

  /**
   * There are not more keys than allowed, `key` among them; call it when the key is stored. Counted are keys that work. A
   * key in its grace does not count beside the successor that works: a rotation needs no room, a chain of them does.
   * @throws Problem policy.violated
   */
  async assertRoom(rules: KeyRules, { organizationId, ownerId }: PolicedKey): Promise<void> {
    if (rules.counting.length === 0) return;
    await this.database.serialize(`number of keys of ${organizationId}`);
    for (const policy of rules.counting) {
      const { maximumKeysPerOwner: perOwner, maximumKeys: inAll, environment } = policy;
      const within = { organizationId, environment: environment === ALL_ENVIRONMENTS ? null : environment };
      if (perOwner !== null && (await this.keys.countWorking({ ...within, ownerId })) > perOwner)
        throw violation(
          policy,
          'maximumKeysPerOwner',
          perOwner,
          `An owner may have at most ${perOwner} keys that work.`,
        );
      if (inAll !== null && (await this.keys.countWorking({ ...within, ownerId: null })) > inAll)
        throw violation(policy, 'maximumKeys', inAll, `The organization may have at most ${inAll} keys that work.`);
    }
  }
}

function differs({ facts }: FormerKey, key: ApiKey, member: RuledMember): boolean {
  return JSON.stringify(facts[member]) !== JSON.stringify(key[member]);
}
