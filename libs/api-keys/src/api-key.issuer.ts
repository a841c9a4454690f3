import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { AuditLog } from '#libs/audit';
import { Database } from '#libs/database';
import { uuidV7 } from '#libs/http';
import { ApiKey } from './api-key.entity.js';
import { ApiKeyRepository } from './api-key.repository.js';
import type { IssueApiKeyRequest } from './api-keys.dto.js';
import { keyExpiry } from './key-expiry.js';
import { keyFacts } from './key-facts.js';
import { KeyGrants } from './key-grants.js';
import { KeyMint } from './key-mint.js';

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
  ) {}

  /** @throws Problem permission.unknown, permission.escalation, request.invalid */
  async issue(principal: Principal, owner: KeyOwner, request: IssueApiKeyRequest): Promise<NewKey> {
    return this.database.transaction(async () => {
      const now = await this.database.time();
      return this.store(principal, now, {
        organizationId: owner.organizationId,
        ownerId: owner.id,
        name: request.name,
        description: request.description ?? null,
        environment: this.mint.environment(request.environment),
        grants: await this.grants.forNewKey(principal, owner.id, request.permissions),
        allowedAddresses: request.allowedAddresses ?? [],
        rateLimit: request.rateLimit ?? null,
        quota: request.quota ?? null,
        metadata: request.metadata ?? {},
        tags: request.tags ?? [],
        expiresAt: keyExpiry(request, now),
        rotatedFrom: null,
      });
    });
  }

  /** A key like `parent` with a secret of its own; all else, its expiry included, stays. */
  succeed(principal: Principal, parent: ApiKey, now: Date): Promise<NewKey> {
    const {
      organizationId,
      ownerId,
      name,
      description,
      environment,
      grants,
      allowedAddresses,
      rateLimit,
      quota,
      metadata,
      tags,
      expiresAt,
    } = parent;
    const settings = {
      organizationId,
      ownerId,
      name,
      description,
      environment,
      grants,
      allowedAddresses,
      rateLimit,
      quota,
      metadata,
      tags,
      expiresAt,
    };
    return this.store(principal, now, { ...settings, rotatedFrom: parent.id });
  }

  private async store(principal: Principal, now: Date, settings: KeySettings): Promise<NewKey> {
    const id = uuidV7(now.getTime());
    const { wholeKey, start, secretHash, pepperVersion } = this.mint.mint(settings.environment, id);
    const state = {
      disabledAt: null,
      revokedAt: null,
      revocationReason: null,
      lastUsedAt: null,
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
    });
    return { key, wholeKey };
  }
}

type KeySettings = Pick<
  ApiKey,
  | 'organizationId'
  | 'ownerId'
  | 'name'
  | 'description'
  | 'environment'
  | 'grants'
  | 'allowedAddresses'
  | 'rateLimit'
  | 'quota'
  | 'metadata'
  | 'tags'
  | 'expiresAt'
  | 'rotatedFrom'
>;
