import { Injectable, type StreamableFile } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database } from '#libs/database';
import { type CsvValue, download } from '#libs/http';
import { conditionsOf } from './audit-conditions.js';
import type { AuditExportQuery } from './audit.dto.js';
import type { ChainedEvent } from './chain/chained-event.js';
import { type Ask, chainHead, type EventCondition, storedEvents } from './chain/stored-events.js';
import { PersonalValues } from './personal-values.js';

type State = Record<string, unknown> | null;

/** An event as it is stored, and its states as a person may read them. */
interface ExportedEvent {
  readonly event: ChainedEvent;
  readonly before: State;
  readonly after: State;
  /** Whether the states differ from the stored ones. */
  readonly isOpened: boolean;
}

const columns: Readonly<Record<string, (row: ExportedEvent) => CsvValue>> = {
  position: ({ event }) => event.position,
  id: ({ event }) => event.id,
  occurredAt: ({ event }) => event.occurredAt,
  actorKind: ({ event }) => event.actor.kind,
  actorName: ({ event }) => event.actor.name,
  actorUserId: ({ event }) => event.actor.userId,
  actorKeyId: ({ event }) => event.actor.keyId,
  action: ({ event }) => event.action,
  targetType: ({ event }) => event.target.type,
  targetId: ({ event }) => event.target.id,
  organizationId: ({ event }) => event.organizationId,
  before: ({ before }) => before,
  after: ({ after }) => after,
  address: ({ event }) => event.address,
  userAgent: ({ event }) => event.userAgent,
  requestId: ({ event }) => event.requestId,
  hash: ({ event }) => event.hash,
};

/**
 * The audit log as a file, oldest first. JSON lines hold each event as it is stored, which is what its hash covers, and
 * what of it is sealed for a person once more, opened, as long as that person was not erased. CSV is for people: opened.
 */
@Injectable()
export class AuditExport {
  constructor(
    private readonly database: Database,
    private readonly values: PersonalValues,
  ) {}

  file(principal: Principal, query: AuditExportQuery): Promise<StreamableFile> {
    return download({
      name: 'audit-log',
      format: query.format,
      batches: this.batches(query.after ?? 0, conditionsOf(principal, query)),
      columns,
      line: ({ event, isOpened, before, after }) => (isOpened ? { ...event, opened: { before, after } } : event),
    });
  }

  /** Up to the last event of now, or a busy installation would never come to the end. */
  private async *batches(
    after: number,
    conditions: readonly EventCondition[],
  ): AsyncGenerator<readonly ExportedEvent[], void> {
    const ask: Ask = (sql, values) => this.database.query(sql, values);
    const { position: until, base } = await chainHead(ask);
    for await (const events of storedEvents(ask, { after: Math.max(after, base.position), until, conditions }))
      yield await this.opened(events);
  }

  private async opened(events: readonly ChainedEvent[]): Promise<ExportedEvent[]> {
    const copies = events.map((event) => ({ event, before: copyOf(event.before), after: copyOf(event.after) }));
    const opened = await this.values.open(copies.flatMap(({ before, after }) => [before, after]));
    const isOpened = (state: State): boolean => state !== null && opened.has(state);
    return copies.map(({ event, before, after }) => ({
      event,
      before,
      after,
      isOpened: isOpened(before) || isOpened(after),
    }));
  }
}

/** Opening happens in place, and what the hash covers must stay as it is. */
function copyOf(state: unknown): State {
  return typeof state === 'object' && state !== null ? { ...state } : null;
}
