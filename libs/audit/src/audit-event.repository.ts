import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database, keysetPage } from '#libs/database';
import { Cursors, type Page } from '#libs/http';
import { AuditEvent } from './audit-event.entity.js';
import { conditionsOf } from './audit-conditions.js';
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
    const events = this.database.within(principal.scope, AuditEvent, 'event');
    for (const [at, { sql, value }] of conditionsOf(principal, query).entries())
      events.andWhere(sql.replaceAll('?', `:value${at}`), { [`value${at}`]: value });
    return this.opened(await keysetPage(events, newestFirst, query, this.cursors, 'audit-events'));
  }

  /** What the user did and what was done to them, newest first; of others it says no more than their ids. */
  async concerning(userId: string, query: { limit: number; after?: string }): Promise<Page<AuditEvent>> {
    const events = this.database
      .regardlessOfOrganization(AuditEvent)
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
