import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { AuditLog } from '#libs/audit';
import { Database } from '#libs/database';
import { uuidV7 } from '#libs/http';
import { UserRepository } from '#libs/users';
import { ApiKey } from './api-key.entity.js';
import { ApiKeyRepository } from './api-key.repository.js';
import type { IssueApiKeyRequest } from './api-keys.dto.js';
import { boundsOfNewKey, type KeyBounds } from './key-bounds.js';
import { keyFacts, personalKeyFacts } from './key-facts.js';
import { KeyGrants } from './key-grants.js';
import { KeyMint } from './key-mint.js';
import { KeyPolicyEnforcement } from './key-policy.enforcement.js';
import type { KeyRules } from './key-rules.js';

/** Whose key it will be. */
export interface KeyOwner {
  readonly id: string;
  readonly organizationId: string;
}

/** A stored key, and the whole of it for the one time that it is shown. */
export interface NewKey {
  readonly key: ApiKey;
  readonly wholeKey: string;
}

/** Brings keys into the world: new ones, and successors of rotated ones. */
@Injectable()
export class ApiKeyIssuer {
  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeyRepository,
    private readonly mint: KeyMint,
    private readonly grants: KeyGrants,
    private readonly audit: AuditLog,
    private readonly users: UserRepository,
    private readonly policies: KeyPolicyEnforcement,
  ) {}

  /** @throws Problem permission.unknown, permission.escalation, policy.violated, request.invalid, request.not_found */
  async issue(principal: Principal, owner: KeyOwner, request: IssueApiKeyRequest): Promise<NewKey> {
    return this.database.transaction(async () => {
      await this.users.assertPresent(owner.id);
      const now = await this.database.time();
      const { organizationId } = owner;
      const environment = this.mint.environment(request.environment);
      const rules = await this.policies.rulesFor(principal, { organizationId, environment });
      const issued = await this.store(principal, now, rules, {
        organizationId,
        ownerId: owner.id,
        name: request.name,
        description: request.description ?? null,
        environment,
        grants: await this.grants.forNewKey(principal, owner.id, request.permissions),
        ...boundsOfNewKey(principal, owner.id, request, rules, now),
        metadata: request.metadata ?? {},
        tags: request.tags ?? [],
        rotatedFrom: null,
        limitSubject: null,
      });
      await this.policies.assertRoom(rules, issued.key);
      return issued;
    });
  }

  /**
   * A key like `parent` with a secret of its own; all else, its expiry included, stays.
   * @throws Problem policy.violated when such a key could not be issued now
   */
  async succeed(principal: Principal, parent: ApiKey, now: Date): Promise<NewKey> {
    const rules = await this.policies.rulesFor(principal, parent);
    return this.store(principal, now, rules, { ...settingsOf(parent), rotatedFrom: parent.id });
  }

  private async store(principal: Principal, now: Date, rules: KeyRules, settings: KeySettings): Promise<NewKey> {
    rules.assertAllow({ ...settings, createdAt: now });
    const id = uuidV7(now.getTime());
    const { wholeKey, start, secretHash, pepperVersion } = this.mint.mint(settings.environment, id);
    const state = {
      disabledAt: null,
      revokedAt: null,
      revocationReason: null,
      lastUsedAt: null,
      lastUsedAddress: null,
      version: 1,
      createdAt: now,
      updatedAt: now,
    };
    const key = Object.assign(new ApiKey(), { id, start, secretHash, pepperVersion, ...state, ...settings });
    await this.keys.insert(key);
    await this.audit.record({
      actor: principal,
      action: 'api_key.issued',
      target: { type: 'api_key', id },
      organizationId: key.organizationId,
      after: keyFacts(key),
      personal: personalKeyFacts(key),
    });
    return { key, wholeKey };
  }
}

/** What a key and its successor have in common. */
function settingsOf(key: ApiKey): Omit<KeySettings, 'rotatedFrom'> {
  const { organizationId, ownerId, name, description, environment, grants, metadata, tags } = key;
  const limitSubject = key.limitSubject ?? key.id;
  const { allowedAddresses, rateLimit, quota, expiresAt } = key;
  const bounds = { allowedAddresses, rateLimit, quota, expiresAt };
  return { organizationId, ownerId, name, description, environment, grants, metadata, tags, limitSubject, ...bounds };
}

type KeySettings = Pick<
  ApiKey,
  'organizationId' | 'ownerId' | 'name' | 'description' | 'environment' | 'grants' | 'metadata' | 'tags' | 'rotatedFrom'
> &
  KeyBounds &
  Pick<ApiKey, 'limitSubject'>;
