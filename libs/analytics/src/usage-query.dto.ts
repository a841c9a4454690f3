import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsString, Length, Matches, Max, MaxLength, Min } from 'class-validator';
import { type DownloadFormat, downloadFormats, IsId, IsTime, Optional } from '#libs/http';
import { IsTimeZone } from './is-time-zone.decorator.js';
import { type GroupOrder, groupOrders, type UsageDimension, usageDimensions } from './usage-question.js';
import { type UsageStep, usageSteps } from './usage-steps.js';

const rankings = ['key', 'user', 'organization', 'endpoint', 'status'] as const;
export type UsageRanking = (typeof rankings)[number];

export class UsagePeriodQuery {
  /** Calls at or after this time; absent: 24 hours before `to`. */
  @Optional()
  @IsTime({ inZone: true })
  from?: string;

  /** Calls before this time; absent: now. */
  @Optional()
  @IsTime({ inZone: true })
  to?: string;

  /** IANA name of the time zone of days, and of times that are given without an offset. @example Europe/Berlin */
  @Optional()
  @IsTimeZone()
  @ApiPropertyOptional()
  zone: string = 'UTC';
}

/** Which of one’s own calls. */
export class OwnCallsQuery extends UsagePeriodQuery {
  /** The template of a route. @example /api/v1/orders/:id */
  @Optional()
  @IsString()
  @MaxLength(500)
  route?: string;

  @Optional()
  @Matches(/^[A-Z]{1,20}$/, { message: 'must be a method such as GET' })
  method?: string;

  /** A status code such as `404`, or a class such as `4xx`. */
  @Optional()
  @Matches(/^[1-5](\d\d|xx)$/, { message: 'must be a status code such as 404, or a class such as 4xx' })
  status?: string;

  /** Calls with keys of this environment. */
  @Optional()
  @IsString()
  @Length(1, 64)
  environment?: string;
}

/** Which of the calls of all of one’s keys. */
export class OwnUsageQuery extends OwnCallsQuery {
  @Optional()
  @IsId()
  keyId?: string;
}

/** Which calls; all given filters must hold. */
export class UsageQuery extends OwnUsageQuery {
  @Optional()
  @IsId()
  userId?: string;

  @Optional()
  @IsId()
  organizationId?: string;
}

export class UsageSeriesQuery extends UsageQuery {
  /** The length of a step; a period has at most 1,500 of them. Days begin at midnight in `zone`. */
  @Optional()
  @IsIn(usageSteps)
  @ApiPropertyOptional()
  step: UsageStep = 'hour';

  @Optional()
  @IsIn(usageDimensions)
  groupBy?: UsageDimension;

  /** How many groups are told apart, those with most calls; what is left is one more. */
  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(10)
  @ApiPropertyOptional()
  groups: number = 5;
}

export class UsageRankingQuery extends UsageQuery {
  @IsIn(rankings)
  by: UsageRanking;

  /** `latency`: by the mean. */
  @Optional()
  @IsIn(groupOrders)
  @ApiPropertyOptional()
  order: GroupOrder = 'calls';

  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  @ApiPropertyOptional()
  limit: number = 20;
}

export class UsageLatencyQuery extends UsageQuery {
  /** The length of a step; a period has at most 1,500 of them. Days begin at midnight in `zone`. */
  @Optional()
  @IsIn(usageSteps)
  @ApiPropertyOptional()
  step: UsageStep = 'hour';
}

export class UsageExportQuery extends UsageQuery {
  @Optional()
  @IsIn(downloadFormats)
  @ApiPropertyOptional()
  format: DownloadFormat = 'csv';

  /** `position` of the last row that arrived: the export goes on behind it. Absent: from the beginning. */
  @Optional()
  @IsString()
  @MaxLength(200)
  after?: string;
}
