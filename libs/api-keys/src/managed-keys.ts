import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { AuditLog, changes } from '#libs/audit';
import { Database } from '#libs/database';
import { AccessChanges, Administrators } from '#libs/permissions';
import type { ApiKey } from './api-key.entity.js';
import { ApiKeyRepository, type Reach } from './api-key.repository.js';
import { keyFacts, personalKeyFacts } from './key-facts.js';
import { KeyPolicyEnforcement } from './key-policy.enforcement.js';

/** The one way in which a key is changed: locked, checked, stored, told to the caches and recorded, or nothing of it. */
@Injectable()
export class ManagedKeys {
  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeyRepository,
    private readonly administrators: Administrators,
    private readonly access: AccessChanges,
    private readonly audit: AuditLog,
    private readonly policies: KeyPolicyEnforcement,
  ) {}

  /**
   * Applies `change` to the key `id` and records it as `action`; what `change` returns is returned.
   * @throws Problem request.not_found, policy.violated, administrator.required when it would leave no administrator a key
   */
  async change<T>(
    principal: Principal,
    reach: Reach,
    id: string,
    action: string,
    change: (key: ApiKey, now: Date) => T | Promise<T>,
  ): Promise<{ key: ApiKey; result: T }> {
    const { ownerId } = await this.keys.get(principal, reach, id);
    return this.administrators.guard(ownerId, async () => {
      const key = await this.keys.getForUpdate(principal, reach, id);
      principal.assertSeen(key);
      await this.administrators.assertManagedBy(principal, ownerId);
      return { key, result: await this.apply(principal, key, action, change) };
    });
  }

  /** The same for a key that the caller holds locked, inside the caller's transaction. */
  async apply<T>(
    principal: Principal,
    key: ApiKey,
    action: string,
    change: (key: ApiKey, now: Date) => T | Promise<T>,
  ): Promise<T> {
    const now = await this.database.time();
    const before = keyFacts(key);
    const former = { status: key.statusAt(now), facts: before };
    const result = await change(key, now);
    if (JSON.stringify(keyFacts(key)) === JSON.stringify(before)) return result;
    await this.keys.save(key, now);
    await this.policies.assertAllowsChange(principal, former, key, now);
    this.access.publish({ keyId: key.id });
    await this.audit.record({
      actor: principal,
      action,
      target: { type: 'api_key', id: key.id },
      organizationId: key.organizationId,
      ...changes(before, keyFacts(key)),
      personal: personalKeyFacts(key),
    });
    return result;
  }
}
