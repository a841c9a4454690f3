import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database } from '#libs/database';
import { type Page, Problem } from '#libs/http';
import type { ApiKey } from './api-key.entity.js';
import { ApiKeyRepository, type Reach } from './api-key.repository.js';
import { ApiKeyView } from './api-key-views.dto.js';
import { type ApiKeyListQuery, type ChangeApiKeyRequest } from './api-keys.dto.js';
import { ApiKeyProblems } from './api-keys.problems.js';
import { assertBoundAsMuch, inheritedBounds, ownBounds } from './key-bounds.js';
import { keyExpiry } from './key-expiry.js';
import { KeyGrants } from './key-grants.js';
import { LastUsedTracker } from './last-used-tracker.js';
import { ManagedKeys } from './managed-keys.js';

/** What is read of keys and done with them once they are issued. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly managed: ManagedKeys,
    private readonly grants: KeyGrants,
    private readonly lastUsed: LastUsedTracker,
    private readonly database: Database,
  ) {}

  async list(principal: Principal, reach: Reach, query: ApiKeyListQuery): Promise<Page<ApiKeyView>> {
    const { items, next } = await this.keys.page(principal, reach, query);
    const now = await this.database.time();
    return { items: items.map((key) => this.view(key, now)), next };
  }

  async read(principal: Principal, reach: Reach, id: string): Promise<ApiKeyView> {
    return this.view(await this.keys.get(principal, reach, id), await this.database.time());
  }

  async change(principal: Principal, reach: Reach, id: string, request: ChangeApiKeyRequest): Promise<ApiKeyView> {
    const { key, result: asOf } = await this.managed.change(
      principal,
      reach,
      id,
      'api_key.changed',
      async (changed, now) => {
        const {
          name,
          description,
          status,
          permissions,
          expiresAt,
          allowedAddresses,
          rateLimit,
          quota,
          metadata,
          tags,
        } = request;
        if (changed.statusAt(now) === 'revoked') {
          throw new Problem(ApiKeyProblems.notUsable, { detail: 'The key is revoked; it does not change any more.' });
        }
        if (permissions !== undefined) changed.grants = this.grants.chosen(principal, permissions);
        if (mayWiden(request)) await this.grants.assertMayHandOut(principal, changed.ownerId, changed.grants);
        if (name !== undefined) changed.name = name;
        if (description !== undefined) changed.description = description;
        if (expiresAt !== undefined) changed.expiresAt = keyExpiry({ expiresAt }, now);
        if (allowedAddresses !== undefined) changed.allowedAddresses = allowedAddresses ?? [];
        if (rateLimit !== undefined) changed.rateLimit = rateLimit;
        if (quota !== undefined) changed.quota = quota;
        if (metadata !== undefined) changed.metadata = metadata ?? {};
        if (tags !== undefined) changed.tags = tags ?? [];
        if (status === 'disabled') changed.disable(now);
        if (status === 'active') changed.enable();
        if (mayWiden(request)) {
          assertBoundAsMuch(inheritedBounds(principal, changed.ownerId), changed);
          assertBoundAsMuch(ownBounds(principal, changed), changed);
        }
        return now; // not `updatedAt`, which a change that changes nothing leaves as it was
      },
    );
    return this.view(key, asOf);
  }

  async revoke(principal: Principal, reach: Reach, id: string, reason: string | undefined): Promise<void> {
    await this.managed.change(principal, reach, id, 'api_key.revoked', (key, now) => key.revoke(now, reason ?? null));
  }

  /** `now`: the database's time, by which a key is judged when it is used. */
  private view(key: ApiKey, now: Date): ApiKeyView {
    return ApiKeyView.of(key, now, this.lastUsed.latest(key));
  }
}

/** Whether the request touches what holds a key back. A narrow key must not free a wider one of the same owner. */
function mayWiden({
  permissions,
  status,
  expiresAt,
  allowedAddresses,
  rateLimit,
  quota,
}: ChangeApiKeyRequest): boolean {
  return (
    status === 'active' ||
    [permissions, expiresAt, allowedAddresses, rateLimit, quota].some((value) => value !== undefined)
  );
}
