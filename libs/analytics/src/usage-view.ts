import type { UsageFilter, UsageGrouping } from './usage-question.js';

/** Sums by some dimensions of a call; all of them hold the environment, and all but `caller` the status. */
export type UsageView = 'environment' | 'endpoint' | 'organization' | 'route' | 'caller' | 'key' | 'key_route';

const keyed = new Set<UsageGrouping>(['user', 'key']);
const routed = new Set<UsageGrouping>(['route', 'method', 'endpoint']);

/** The smallest view that knows what is asked for. */
export function viewOf(filter: UsageFilter, by: UsageGrouping | undefined): UsageView {
  const { organizationId, userId, keyId, route, method, status } = filter;
  const byRoute = route !== null || method !== null || (by !== undefined && routed.has(by));
  if (userId !== null || keyId !== null || (by !== undefined && keyed.has(by))) {
    if (byRoute) return 'key_route';
    return status !== null || by === 'status' ? 'key' : 'caller';
  }
  if (organizationId !== null || by === 'organization') return byRoute ? 'route' : 'organization';
  return byRoute ? 'endpoint' : 'environment';
}
