import { Injectable } from '@nestjs/common';
import { effectivePermissions, PermissionCatalogue, RouteAccessTable } from '#libs/access';
import type { ReportedKey } from './key-reports.read-model.js';
import { UsageAggregates } from './usage-aggregates.read-model.js';
import { everyCall, type UsagePeriod } from './usage-question.js';
import { PermissionUseView, type RouteCallsView } from './usage-reports.dto.js';

const SUCCESS = { lowest: 100, highest: 399 };
/** More routes than any installation has. */
const MOST_ROUTES = 2000;

/**
 * What a key used of what it may do: the permissions of the routes that it called with success. Permissions that a call needs
 * beyond those of its route, such as those that it hands on to another key, are not seen.
 */
@Injectable()
export class PermissionUse {
  constructor(
    private readonly usage: UsageAggregates,
    private readonly routes: RouteAccessTable,
    private readonly catalogue: PermissionCatalogue,
  ) {}

  async of(key: ReportedKey, period: UsagePeriod): Promise<PermissionUseView> {
    const calls = await this.successes(key.id, period);
    const effective = [...effectivePermissions(this.catalogue.names(), key.ownerGrants, key.keyGrants)].toSorted();
    const needed = new Set(calls.flatMap((call) => this.needOf(call) ?? []));
    const used = effective.filter((name) => needed.has(name));
    return PermissionUseView.with(key, {
      granted: [...key.keyGrants],
      effective,
      used,
      unused: effective.filter((name) => !needed.has(name)),
      proposed: used,
      calls: calls.reduce((sum, call) => sum + call.calls, 0),
      refused: calls.filter((call) => this.needOf(call)?.every((name) => used.includes(name)) === false),
      unknown: calls.filter((call) => this.needOf(call) === undefined),
    });
  }

  private async successes(keyId: string, period: UsagePeriod): Promise<RouteCallsView[]> {
    const filter = { ...everyCall, keyId, status: SUCCESS };
    const groups = await this.usage.grouped(period, filter, 'endpoint', { limit: MOST_ROUTES, order: 'calls' });
    return groups.map(({ value, method, calls }) => ({ method: method ?? '', route: value, calls }));
  }

  /** Undefined when the route is no more. */
  private needOf({ method, route }: RouteCallsView): readonly string[] | undefined {
    const access = route === null ? undefined : this.routes.ofRoute(method, route);
    if (access === undefined) return undefined;
    return access.public ? [] : access.required;
  }
}
