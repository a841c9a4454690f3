import { asResource, ShownOnce } from '#libs/http';
import type { ApiKey, KeyStatus } from './api-key.entity.js';
import type { LastUse } from './last-used-tracker.js';
import { QuotaDto, RateLimitDto } from './api-keys.dto.js';

/** A key without its secret. */
export class ApiKeyView {
  id: string;
  name: string;
  description: string | null;
  environment: string;
  /** The key up to its secret. @example 'kw_live_0193e5a0-7b1c-7cc3-98c4-dc0c0c07398f' */
  start: string;
  permissions: string[];
  status: KeyStatus;
  ownerId: string;
  organizationId: string;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  /** Where it was last used from. @example '192.0.2.7' */
  lastUsedAddress: string | null;
  allowedAddresses: string[];
  rateLimit: RateLimitDto | null;
  quota: QuotaDto | null;
  metadata: Record<string, unknown>;
  tags: string[];
  /** The key that this one replaced. */
  rotatedFrom: string | null;
  /** In the future while the status is `rotating`: the end of its grace. */
  revokedAt: Date | null;
  revocationReason: string | null;
  createdAt: Date;
  updatedAt: Date;

  static of(key: ApiKey, now: Date, lastUse: LastUse = key): ApiKeyView {
    const view = Object.assign(new ApiKeyView(), {
      id: key.id,
      name: key.name,
      description: key.description,
      environment: key.environment,
      start: key.start,
      permissions: key.grants,
      status: key.statusAt(now),
      ownerId: key.ownerId,
      organizationId: key.organizationId,
      expiresAt: key.expiresAt,
      lastUsedAt: lastUse.lastUsedAt,
      lastUsedAddress: lastUse.lastUsedAddress,
      allowedAddresses: key.allowedAddresses,
      rateLimit: key.rateLimit,
      quota: key.quota,
      metadata: key.metadata,
      tags: key.tags,
      rotatedFrom: key.rotatedFrom,
      revokedAt: key.revokedAt,
      revocationReason: key.revocationReason,
      createdAt: key.createdAt,
      updatedAt: key.updatedAt,
    });
    return asResource(view, { path: `api-keys/${key.id}`, version: key.version, computed: view.computed() });
  }

  /** What changes by time and use. */
  computed(): readonly unknown[] {
    return [this.status, this.lastUsedAt, this.lastUsedAddress];
  }
}

/** A key just issued: the one time that it is shown whole. */
export class IssuedApiKey extends ApiKeyView {
  /** The key itself. It is not kept anywhere; store it now. Null when an Idempotency-Key replays the answer. */
  @ShownOnce()
  key: string | null;

  static issued(key: ApiKey, wholeKey: string, now: Date, path: string): IssuedApiKey {
    const issued = Object.assign(new IssuedApiKey(), ApiKeyView.of(key, now), { key: wholeKey });
    return asResource(issued, { path, version: key.version, computed: issued.computed() });
  }
}
