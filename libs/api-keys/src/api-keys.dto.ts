import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { grantPattern, type Quota, type RateLimit } from '#libs/access';
import { asResource, Clearable, IsTime, Optional, PageQuery, ShownOnce } from '#libs/http';
import { IsAddressRange } from './address-list.validator.js';
import { type ApiKey, type KeyStatus, keyStatuses } from './api-key.entity.js';
import { MaxJsonBytes } from './json-size.validator.js';

const quotaPeriods = ['day', 'month', 'total'] as const;

/** How often the key may call. */
export class RateLimitDto implements RateLimit {
  /** Calls per window. @example 100 */
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  limit: number;

  /** Length of the window in seconds. @example 60 */
  @IsInt()
  @Min(1)
  @Max(86_400)
  windowSeconds: number;
}

/** How much the key may call in a calendar period (UTC), or in all. */
export class QuotaDto implements Quota {
  /** @example 10000 */
  @IsInt()
  @Min(1)
  @Max(1_000_000_000_000)
  limit: number;

  @IsIn(quotaPeriods)
  period: 'day' | 'month' | 'total';
}

export class IssueApiKeyRequest {
  /** @example 'nightly import' */
  @IsString()
  @Length(1, 200)
  @Matches(/\S/, { message: 'must not be blank' })
  name: string;

  @Clearable()
  @IsString()
  @MaxLength(2000)
  description?: string | null;

  /** One of KEYWARD_ENVIRONMENTS; absent: the first of them. @example 'live' */
  @Optional()
  @IsString()
  @MaxLength(16)
  environment?: string;

  /** What the key is granted; an empty list grants nothing. Absent: the same as the key that issues it. @example ['orders:read'] */
  @Optional()
  @IsArray()
  @ArrayMaxSize(200)
  @Matches(grantPattern, { each: true, message: 'each entry must be <category>:<action>, <category>:* or *' })
  permissions?: string[];

  /** When the key stops working; in the future. */
  @Clearable()
  @IsTime()
  expiresAt?: string | null;

  /** The same as a number of days from now. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(36_500)
  expiresInDays?: number;

  /** Addresses and CIDR ranges from which the key works; absent or empty: all. @example ['192.0.2.0/24', '2001:db8::/32'] */
  @Optional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsAddressRange()
  allowedAddresses?: string[];

  @Clearable()
  @IsObject()
  @ValidateNested()
  @Type(() => RateLimitDto)
  rateLimit?: RateLimitDto | null;

  @Clearable()
  @IsObject()
  @ValidateNested()
  @Type(() => QuotaDto)
  quota?: QuotaDto | null;

  /** Anything of yours, up to 8 KiB of JSON. */
  @Optional()
  @IsObject()
  @MaxJsonBytes(8192)
  metadata?: Record<string, unknown>;

  @Optional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @Length(1, 100, { each: true })
  tags?: string[];
}

export class ChangeApiKeyRequest {
  @Optional()
  @IsString()
  @Length(1, 200)
  @Matches(/\S/, { message: 'must not be blank' })
  name?: string;

  @Clearable()
  @IsString()
  @MaxLength(2000)
  description?: string | null;

  /** `disabled` stops the key, `active` lets it work again. */
  @Optional()
  @IsIn(['active', 'disabled'])
  status?: 'active' | 'disabled';

  @Optional()
  @IsArray()
  @ArrayMaxSize(200)
  @Matches(grantPattern, { each: true, message: 'each entry must be <category>:<action>, <category>:* or *' })
  permissions?: string[];

  @Clearable()
  @IsTime()
  expiresAt?: string | null;

  @Clearable()
  @IsArray()
  @ArrayMaxSize(100)
  @IsAddressRange()
  allowedAddresses?: string[] | null;

  @Clearable()
  @IsObject()
  @ValidateNested()
  @Type(() => RateLimitDto)
  rateLimit?: RateLimitDto | null;

  @Clearable()
  @IsObject()
  @ValidateNested()
  @Type(() => QuotaDto)
  quota?: QuotaDto | null;

  @Clearable()
  @IsObject()
  @MaxJsonBytes(8192)
  metadata?: Record<string, unknown> | null;

  @Clearable()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @Length(1, 100, { each: true })
  tags?: string[] | null;
}

export class RotateApiKeyRequest {
  /** How long the old key still works beside the new one, in seconds; absent: not at all. At most 30 days. @example 3600 */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(2_592_000)
  graceSeconds?: number;
}

export class RevokeApiKeyQuery {
  /** Kept with the key and in the audit log. @example 'leaked in a public repository' */
  @Optional()
  @IsString()
  @Length(1, 500)
  reason?: string;
}

export class ApiKeyListQuery extends PageQuery {
  @Optional()
  @IsIn(keyStatuses)
  status?: KeyStatus;

  @Optional()
  @IsString()
  @MaxLength(16)
  environment?: string;

  @Optional()
  @IsString()
  @MaxLength(100)
  tag?: string;

  @Optional()
  @IsUUID()
  ownerId?: string;

  /** Part of name or description in any case, or the id. */
  @Optional()
  @IsString()
  @Length(1, 200)
  search?: string;

  /** Default: newest first. */
  @Optional()
  @IsIn(['createdAt', '-createdAt', 'name', '-name'])
  sort?: 'createdAt' | '-createdAt' | 'name' | '-name';
}

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

  static of(key: ApiKey, now: Date, lastUsedAt: Date | null = key.lastUsedAt): ApiKeyView {
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
      lastUsedAt,
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
    return [this.status, this.lastUsedAt];
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
