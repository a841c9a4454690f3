import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { grantPattern, type Quota, type RateLimit } from '#libs/access';
import { Clearable, IsId, IsTime, Optional, PageQuery } from '#libs/http';
import { IsAddressRange } from './address-list.validator.js';
import { type KeyStatus, keyStatuses } from './api-key.entity.js';
import { MaxJsonBytes } from './json-size.validator.js';

const quotaPeriods = ['day', 'month', 'total'] as const;

/** How often the key may call. */
export class RateLimitDto implements RateLimit {
  /** Calls per window. @example 100 */
  @ApiProperty({ type: 'integer' })
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  limit: number;

  /** Length of the window in seconds. @example 60 */
  @ApiProperty({ type: 'integer' })
  @IsInt()
  @Min(1)
  @Max(86_400)
  windowSeconds: number;
}

/** How much the key may call in a calendar period (UTC), or in all. */
export class QuotaDto implements Quota {
  /** @example 10000 */
  @ApiProperty({ type: 'integer' })
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

  /** What the key is granted; an empty list grants nothing. Absent: the same as the key that issues it, or what that holds when the new key is somebody else's. @example ['orders:read'] */
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
  @IsId()
  ownerId?: string;

  /** Part of name or description in any case, or the id, or all of `start`. */
  @Optional()
  @IsString()
  @Length(1, 200)
  search?: string;

  /** Default: newest first. */
  @Optional()
  @IsIn(['createdAt', '-createdAt', 'name', '-name'])
  sort?: 'createdAt' | '-createdAt' | 'name' | '-name';
}
