import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Clock } from '#libs/clock';
import { invalid, isWritable } from '#libs/http';
import { TimeZone } from './time-zone.js';
import type { OwnCallsQuery, OwnUsageQuery, UsagePeriodQuery, UsageQuery } from './usage-query.dto.js';
import type { StatusRange, UsageFilter, UsagePeriod } from './usage-question.js';

const DAY_MS = 86_400_000;

/** The nil UUID (RFC 9562, 5.9), under which the sums keep calls of no organization, user or key. */
const NONE = '00000000-0000-0000-0000-000000000000';
/** The max UUID (5.10), which nobody has. */
const NOBODY = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** What is asked for, within what the caller may see. */
export interface UsageSelection {
  readonly period: UsagePeriod;
  readonly filter: UsageFilter;
  readonly zone: TimeZone;
}

/** Reads questions. The only place that decides whose calls a principal sees. */
@Injectable()
export class UsageSelector {
  constructor(private readonly clock: Clock) {}

  /** Another organization than one's own selects nothing unless one reaches over all. */
  within(principal: Principal, query: UsageQuery): UsageSelection {
    return this.select(query, {
      ...callsOf(query),
      keyId: known(query.keyId),
      userId: known(query.userId),
      organizationId: visibleOrganization(principal, query.organizationId),
    });
  }

  /** One's own calls, with whichever credential. */
  ofUser(userId: string, query: OwnUsageQuery): UsageSelection {
    return this.select(query, { ...callsOf(query), keyId: known(query.keyId), userId, organizationId: null });
  }

  /** Calls with a key that the caller has been shown to reach. */
  ofKey(keyId: string, query: OwnCallsQuery): UsageSelection {
    return this.select(query, { ...callsOf(query), keyId, userId: null, organizationId: null });
  }

  /** Calls of this very moment count: without an end the period reaches a little into the future. */
  period({ from, to }: UsagePeriodQuery, zone: TimeZone): UsagePeriod {
    const end = to === undefined ? new Date(this.clock.now().getTime() + 1000) : writable(zone.parse(to), '/to');
    const start = from === undefined ? new Date(end.getTime() - DAY_MS) : writable(zone.parse(from), '/from');
    if (start >= end) throw invalid([{ pointer: '/from', detail: 'must be before `to`' }]);
    return { from: start, to: end };
  }

  private select(query: UsagePeriodQuery, filter: UsageFilter): UsageSelection {
    const zone = new TimeZone(query.zone);
    return { period: this.period(query, zone), filter, zone };
  }
}

/** The organization whose rows `asked` selects for the principal; null for all, which only few may see. */
export function visibleOrganization({ scope }: Principal, asked: string | undefined): string | null {
  if (scope === null) return known(asked);
  return asked === undefined || asked === scope ? scope : NOBODY;
}

/** Null without one. Somebody's calls are never those of nobody. */
function known(id: string | undefined): string | null {
  return id === NONE ? NOBODY : (id ?? null);
}

/** @throws Problem request.invalid for what RFC 3339 cannot write, as a zone may make it */
function writable(at: Date, pointer: string): Date {
  if (isWritable(at)) return at;
  throw invalid([{ pointer, detail: 'must be between the years 1 and 9999 in UTC' }]);
}

function callsOf({
  route,
  method,
  status,
  environment,
}: OwnCallsQuery): Omit<UsageFilter, 'organizationId' | 'userId' | 'keyId'> {
  return {
    route: route ?? null,
    method: method ?? null,
    status: status === undefined ? null : rangeOf(status),
    environment: environment ?? null,
  };
}

/** `404`, or `4xx` for 400 to 499. */
function rangeOf(status: string): StatusRange {
  return { lowest: Number(status.replace('xx', '00')), highest: Number(status.replace('xx', '99')) };
}
