import { minuteOf, OpenGroup, type UsageGroup } from './usage-group.js';
import { callColumnNames, timestamp, type UsageRecord } from './usage-record.js';

const groupColumnNames = 'route_id, status_code, api_key_id, user_id, organization_id';

/** Calls and their groups, as the two COPY statements of a batch take them. */
export const copyCalls = `copy api_usage (${groupColumnNames}, ${callColumnNames}) from stdin`;
export const copyGroups = `copy usage_deltas (${groupColumnNames}, minute, calls, bytes, duration_us, latency) from stdin`;

/** What identifies a route in the database. */
export type RouteId = (method: string, route: string | null) => number;

/** Records that are written together, and the one promise that all their answers wait for. */
export class UsageBatch {
  /** When the first record came, on the monotonic clock. */
  readonly openedAt = performance.now();
  size = 0;
  /** The same once more, for the sinks; undefined when there are none. */
  readonly records: UsageRecord[] | undefined;
  readonly committed: Promise<void>;
  settle!: { resolve: () => void; reject: (error: unknown) => void };
  private readonly ofCaller = new Map<string, OpenGroup>();
  private readonly open: OpenGroup[] = [];

  constructor(forSinks: boolean) {
    this.records = forSinks ? [] : undefined;
    this.committed = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.committed.catch(() => undefined); // nobody may be waiting, as in buffered mode
  }

  get groups(): readonly UsageGroup[] {
    return this.open;
  }

  add(record: UsageRecord): void {
    this.groupOf(record).add(record);
    this.records?.push(record);
    this.size += 1;
  }

  callRows(routeId: RouteId): string {
    return this.open.map((group) => group.callRows(`${columns(group, routeId)}\t`)).join('');
  }

  groupRows(routeId: RouteId): string {
    const rows = this.open.map(
      (group) =>
        `${columns(group, routeId)}\t${timestamp(group.minute)}\t${group.calls}\t${group.bytes}\t${group.durationUs}\t${group.latency.toString()}\n`,
    );
    return rows.join('');
  }

  private groupOf(record: UsageRecord): OpenGroup {
    const minute = minuteOf(record.occurredAt);
    const caller = record.apiKeyId ?? record.userId ?? '';
    const first = this.ofCaller.get(caller);
    for (let group = first; group !== undefined; group = group.next) if (group.takes(minute, record)) return group;
    const group = new OpenGroup(minute, record, first);
    this.ofCaller.set(caller, group);
    this.open.push(group);
    return group;
  }
}

function columns(group: UsageGroup, routeId: RouteId): string {
  const { method, route, statusCode, apiKeyId, userId, organizationId } = group;
  return `${routeId(method, route)}\t${statusCode}\t${apiKeyId ?? '\\N'}\t${userId ?? '\\N'}\t${organizationId ?? '\\N'}`;
}
