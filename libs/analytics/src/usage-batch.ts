import { minuteOf, OpenGroup, type UsageGroup } from './usage-group.js';
import { bigint, copyOf, fieldCount, integer, smallint, timestamptz, uuid } from './copy-fields.js';
import { remembered } from './remembered.js';
import { callColumnNames, orNull, type UsageRecord } from './usage-record.js';

const groupColumnNames = 'route_id, status_code, api_key_id, user_id, organization_id';

const groupMeasureNames = 'minute, calls, bytes, duration_us, latency';

/** Calls and their groups, as the two COPY statements of a batch take them. */
export const copyCalls = `copy api_usage (${groupColumnNames}, ${callColumnNames}) from stdin (format binary)`;
export const copyGroups = `copy usage_deltas (${groupColumnNames}, ${groupMeasureNames}) from stdin (format binary)`;
const [callFields, groupFields] = [callColumnNames, groupMeasureNames].map((names) =>
  fieldCount(`${groupColumnNames}, ${names}`.split(',').length),
);

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
    return copyOf(this.open.map((group) => group.callRows(`${callFields}${columns(group, routeId)}`)));
  }

  groupRows(routeId: RouteId): string {
    return copyOf(this.open.map((group) => `${groupFields}${columns(group, routeId)}${measures(group)}`));
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

const idColumn = remembered(uuid);

function columns(group: UsageGroup, routeId: RouteId): string {
  const { method, route, statusCode, apiKeyId, userId, organizationId } = group;
  const ids = `${orNull(apiKeyId, idColumn)}${orNull(userId, idColumn)}${orNull(organizationId, idColumn)}`;
  return `${integer(routeId(method, route))}${smallint(statusCode)}${ids}`;
}

function measures({ minute, calls, bytes, durationUs, latency }: UsageGroup): string {
  const counted = `${timestamptz(minute)}${integer(calls)}${bigint(bytes)}${bigint(durationUs)}`;
  return `${counted}${latency.toNumericField()}`;
}
