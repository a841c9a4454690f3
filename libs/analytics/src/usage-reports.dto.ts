import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { IsId, Optional, PageQuery } from '#libs/http';
import type { ReportedKey } from './key-reports.read-model.js';
import { UsagePeriodQuery } from './usage-query.dto.js';

export class KeyReportQuery extends PageQuery {
  /** How many days back, or ahead, the report looks. */
  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(3650)
  @ApiPropertyOptional()
  days: number = 90;

  @Optional()
  @IsId()
  organizationId?: string;
}

export class ConsumptionQuery extends UsagePeriodQuery {
  @Optional()
  @IsId()
  organizationId?: string;

  /** How many organizations, those with most calls. */
  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  @ApiPropertyOptional()
  limit: number = 20;
}

/** A key that works. */
export class ReportedKeyView {
  id: string;
  /** Null where you may not see it. */
  name: string | null;
  /** The key up to its secret; null where you may not see it. */
  start: string | null;
  environment: string;
  organizationId: string;
  ownerId: string;
  createdAt: Date;
  expiresAt: Date | null;
  /** Null: never. */
  lastUsedAt: Date | null;

  static of(key: ReportedKey): ReportedKeyView {
    return Object.assign(new ReportedKeyView(), partsOf(key));
  }
}

function partsOf(key: ReportedKey): ReportedKeyView {
  const { id, name, start, environment, organizationId, ownerId, createdAt, expiresAt, lastUsedAt } = key;
  return { id, name, start, environment, organizationId, ownerId, createdAt, expiresAt, lastUsedAt };
}

/** Calls of one route. */
export class RouteCallsView {
  method: string;
  route: string | null;
  calls: number;
}

/** What a key may do and what it did. */
export class PermissionUseView extends ReportedKeyView {
  /** What the key was granted. */
  granted: string[];
  /** What the key may do now: what both it and its owner were granted. */
  effective: string[];
  /** Those of them that a successful call needed. */
  used: string[];
  unused: string[];
  /** The smallest grant with which all successful calls would have succeeded. */
  proposed: string[];
  /** Successful calls. */
  calls: number;
  /** Successful calls that the proposed grant would have refused. Not empty only where a permission was taken away since. */
  refused: RouteCallsView[];
  /** Successful calls of routes that are no more, so that nobody knows what they needed. */
  unknown: RouteCallsView[];

  static with(key: ReportedKey, use: Omit<PermissionUseView, keyof ReportedKeyView>): PermissionUseView {
    return Object.assign(new PermissionUseView(), partsOf(key), use);
  }
}

/** Calls of the users of one subscription tier. */
export class TierConsumptionView {
  /** Null: calls of nobody known, or of users who called too little to be told apart. */
  tier: string | null;
  calls: number;
  errors: number;
  bytes: number;
}

/** What one organization consumed. */
export class OrganizationConsumptionView {
  /** Null: calls without a caller who is known. */
  organizationId: string | null;
  /** The slug; null where you may not see it. */
  name: string | null;
  calls: number;
  errors: number;
  bytes: number;
  tiers: TierConsumptionView[];
}

/** What organizations consumed in a period. */
export class ConsumptionView {
  from: Date;
  to: Date;
  items: OrganizationConsumptionView[];
  /** False where single calls are kept no more and whole minutes, hours or days stand for them; else absent. */
  isExact?: boolean;
}
