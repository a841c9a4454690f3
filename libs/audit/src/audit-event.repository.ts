import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database, keysetPage } from '#libs/database';
import { Cursors, type Page } from '#libs/http';
import { AuditEvent } from './audit-event.entity.js';
import type { AuditLogQuery } from './audit.dto.js';
import { PersonalValues } from './personal-values.js';

const newestFirst = { property: 'id', descending: true } as const;

@Injectable()
export class AuditEventRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
    private readonly values: PersonalValues,
  ) {}

  /** Newest first; a principal of one organization sees the events of that organization. */
  async page(principal: Principal, query: AuditLogQuery): Promise<Page<AuditEvent>> {
    const events = this.database.repository(AuditEvent).createQueryBuilder('event');
    if (principal.scope !== null) events.andWhere('event.organizationId = :scope', { scope: principal.scope });
    if (query.actor !== undefined)
      events.andWhere('(event.actorUserId = :actor or event.actorKeyId = :actor)', { actor: query.actor });
    if (query.action?.endsWith('.*'))
      events.andWhere('starts_with(event.action, :subject)', { subject: query.action.slice(0, -1) });
    else if (query.action !== undefined) events.andWhere('event.action = :action', { action: query.action });
    if (query.target !== undefined) events.andWhere('event.targetId = :target', { target: query.target });
    if (query.targetType !== undefined)
      events.andWhere('event.targetType = :targetType', { targetType: query.targetType });
    if (query.requestId !== undefined) events.andWhere('event.requestId = :requestId', { requestId: query.requestId });
    if (query.from !== undefined) events.andWhere('event.occurredAt >= :from', { from: query.from });
    if (query.to !== undefined) events.andWhere('event.occurredAt < :to', { to: query.to });
    return this.opened(await keysetPage(events, newestFirst, query, this.cursors, 'audit-events'));
  }

  /** What the user did and what was done to them, newest first; of others it says no more than their ids. */
  async concerning(userId: string, query: { limit: number; after?: string }): Promise<Page<AuditEvent>> {
    const events = this.database
      .repository(AuditEvent)
      .createQueryBuilder('event')
      .where("(event.actorUserId = :userId or (event.targetType = 'user' and event.targetId = :target))", {
        userId,
        target: userId,
      });
    const page = await this.opened(
      await keysetPage(events, newestFirst, query, this.cursors, `audit of ${userId}`),
      userId,
    );
    for (const event of page.items)
      if (event.actorUserId !== userId) Object.assign(event, { address: null, userAgent: null, actorKeyId: null });
    return page;
  }

  private async opened(page: Page<AuditEvent>, only?: string): Promise<Page<AuditEvent>> {
    await this.values.open(
      page.items.flatMap(({ before, after }) => [before, after]),
      only,
    );
    return page;
  }
}
