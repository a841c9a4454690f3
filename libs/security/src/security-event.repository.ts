import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database, keysetPage, type ScopedSelect } from '#libs/database';
import { Cursors, type Page, Problem, RequestProblems } from '#libs/http';
import { SecurityEvent } from './security-event.entity.js';
import type { SecurityEventListQuery } from './security-events.dto.js';

/** Security events; whoever is of one organization sees that organization's, and none of the installation's. */
@Injectable()
export class SecurityEventRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** @throws Problem request.not_found, the same for a foreign id and for one that never was */
  async get(principal: Principal, id: string): Promise<SecurityEvent> {
    return found(await this.visibleTo(principal).andWhere('event.id = :id', { id }).getOne());
  }

  /** Like `get`, and no other transaction changes the event until this one ends. */
  async getForUpdate(principal: Principal, id: string): Promise<SecurityEvent> {
    const locked = this.visibleTo(principal).andWhere('event.id = :id', { id }).setLock('pessimistic_write');
    return found(await locked.getOne());
  }

  /** Newest first. */
  page(principal: Principal, query: SecurityEventListQuery): Promise<Page<SecurityEvent>> {
    const events = this.visibleTo(principal);
    const { status, severity, detector, keyId, userId, address, from, to } = query;
    if (status !== undefined) events.andWhere('event.status = :status', { status });
    if (severity !== undefined) events.andWhere('event.severity = :severity', { severity });
    if (detector !== undefined) events.andWhere('event.detector = :detector', { detector });
    if (keyId !== undefined) events.andWhere('event.keyId = :keyId', { keyId });
    if (userId !== undefined) events.andWhere('event.userId = :userId', { userId });
    if (address !== undefined) events.andWhere('event.address = :address', { address });
    if (from !== undefined) events.andWhere('event.detectedAt >= :from', { from: new Date(from) });
    if (to !== undefined) events.andWhere('event.detectedAt < :to', { to: new Date(to) });
    return keysetPage(events, { property: 'id', descending: true }, query, this.cursors, 'security-events');
  }

  /** Stores the changes and counts the version up. */
  async save(event: SecurityEvent): Promise<void> {
    event.version += 1;
    await this.database.store(SecurityEvent).save(event);
  }

  private visibleTo({ scope }: Principal): ScopedSelect<SecurityEvent> {
    return this.database.within(scope, SecurityEvent, 'event');
  }
}

function found(event: SecurityEvent | null): SecurityEvent {
  if (event === null) throw new Problem(RequestProblems.notFound, { detail: 'There is no such security event.' });
  return event;
}
