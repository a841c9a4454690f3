import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database } from '#libs/database';
import { OrganizationRepository } from '#libs/organizations';
import type { ApiKey, KeyStatus } from './api-key.entity.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { KeyPolicyRepository } from './key-policy.repository.js';
import { assertRoomHeld, KeyRoom } from './key-room.js';
import { KeyRules, type RuledMember, ruledMembers } from './key-rules.js';

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
  async assertRoom(rules: KeyRules, key: PolicedKey): Promise<void> {
    if (rules.counting.length === 0) return;
    await this.holdNumberOfKeys(key.organizationId);
    await assertRoomHeld(rules, key, (within) => this.keys.countWorking(within));
  }

  /** For keys that are stored together at the end of the caller's transaction: counts once, however many they are. */
  room(): KeyRoom {
    const held = new Set<string>();
    return new KeyRoom(async (within) => {
      if (!held.has(within.organizationId)) await this.holdNumberOfKeys(within.organizationId);
      held.add(within.organizationId);
      return this.keys.countWorking(within);
    });
  }

  /** Until this transaction ends, nobody else adds a key whose number is limited. */
  private holdNumberOfKeys(organizationId: string): Promise<void> {
    return this.database.serialize(`number of keys of ${organizationId}`);
  }
}

function differs({ facts }: FormerKey, key: ApiKey, member: RuledMember): boolean {
  return JSON.stringify(facts[member]) !== JSON.stringify(key[member]);
}
