import { ApiProperty } from '@nestjs/swagger';
import { restrictions, type Restriction } from '#libs/database';

/** How much there is. */
export class HoldingsView {
  organizations: number;
  users: number;
  /** Keys that are neither disabled nor expired nor revoked. */
  activeKeys: number;
}

/** As whom this replica works in PostgreSQL. */
export class DatabaseRoleView {
  /** @example keyward_server */
  role: string;
  /** Who logged in; it may take on other roles than this one. */
  login: string;
  /**
   * Whether PostgreSQL itself keeps this replica from changing the audit log and the schema: `login`, whatever is asked of
   * it; `session`, as long as the session keeps its role; `none`, it does not.
   */
  @ApiProperty({ enum: restrictions })
  restriction: Restriction;
  /** What the role may do that a server needs not. @example ["owns tables"] */
  powers: string[];
}

/** What this installation is. */
export class SystemView {
  /** @example Keyward */
  name: string;
  /** @example 0.1.0 */
  version: string;
  /** @example v24.11.0 */
  node: string;
  /** @example 18.4 */
  postgres: string;
  database: DatabaseRoleView;
  startedAt: Date;
  uptimeSeconds: number;
  /** Keys of this environment are accepted; null: of all. */
  environment: string | null;
  /** The features that serve routes. @example ["api-keys", "users"] */
  features: string[];
  /** Of the caller's organization, or of all when the caller's roles reach over all. */
  holds: HoldingsView;
}

export class VersionsView {
  keyward: string;
  node: string;
  openssl: string;
  /** Null: PostgreSQL did not say. */
  postgres: string | null;
  /** @example linux x64 */
  platform: string;
}

export class ProbeView {
  name: string;
  status: 'up' | 'degraded' | 'down';
  durationMs: number;
  /** Why it fails. */
  message: string | null;
  /** Facts that the probe adds. */
  detail: Record<string, unknown>;
}

export class MigrationsView {
  applied: string[];
  /** Not empty: this program is newer than the schema. */
  pending: string[];
}

/** A pool of database connections. */
export class PoolView {
  total: number;
  idle: number;
  /** Callers who wait for a connection. */
  waiting: number;
}

export class PoolsView {
  /** Administration. */
  management: PoolView;
  /** Verification, quotas and probes. */
  verification: PoolView;
}

/** By how much the event loop was late in the last one to two minutes. */
export class EventLoopView {
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

export class MemoryView {
  rssBytes: number;
  heapUsedBytes: number;
  heapTotalBytes: number;
  externalBytes: number;
}

/** Milliseconds that all batches of usage records since the start stayed within; null before the first. */
export class UsageTimesView {
  p50: number | null;
  p99: number | null;
}

/** Usage records since the start. */
export class UsageQueueView {
  recorded: number;
  /** Refused or dropped because they could not be written. */
  unrecorded: number;
  waiting: number;
  batches: number;
  /** The most records that were written together. */
  largestBatch: number;
  /** From the first record of a batch until its COPY was sent. */
  waitMs: UsageTimesView;
  /** From then until PostgreSQL had committed it. */
  commitMs: UsageTimesView;
}

/** A warning or an error in the log. */
export class FaultView {
  at: Date;
  level: 'warn' | 'error' | 'fatal';
  scope: string | null;
  message: string;
  cause: string | null;
  requestId: string | null;
}

/** One environment variable. */
export class SettingView {
  /** @example PORT */
  name: string;
  feature: string;
  about: string;
  /** False: the default counts. */
  isSet: boolean;
  secret: boolean;
  /** What counts; always null for a secret. */
  value: string | null;
}

/** What an operator looks at when something is wrong; of this replica, unless it says otherwise. */
export class DiagnosticsView {
  versions: VersionsView;
  uptimeSeconds: number;
  probes: ProbeView[];
  /** Null: PostgreSQL did not say. */
  migrations: MigrationsView | null;
  pools: PoolsView;
  /** Whether this replica hears at once of changes made elsewhere. */
  listenerConnected: boolean;
  eventLoop: EventLoopView;
  memory: MemoryView;
  usageQueue: UsageQueueView;
  /** Calls refused since the start, by their true reason. @example { "api_key.revoked": 2 } */
  refusals: Record<string, number>;
  /** The last 50, newest first. */
  lastFaults: FaultView[];
  configuration: SettingView[];
}
