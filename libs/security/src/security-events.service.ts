import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { AuditLog, changes } from '#libs/audit';
import { Clock } from '#libs/clock';
import { Database } from '#libs/database';
import { Problem } from '#libs/http';
import type { SecurityEvent } from './security-event.entity.js';
import { SecurityEventRepository } from './security-event.repository.js';
import type { ChangeSecurityEventRequest } from './security-events.dto.js';
import { SecurityEventProblems } from './security.problems.js';

/** What people do about security events. */
@Injectable()
export class SecurityEventsService {
  constructor(
    private readonly database: Database,
    private readonly events: SecurityEventRepository,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem security_event.resolved when it is to be reopened */
  async change(principal: Principal, id: string, request: ChangeSecurityEventRequest): Promise<SecurityEvent> {
    return this.database.transaction(async () => {
      const event = await this.events.getForUpdate(principal, id);
      principal.assertSeen(event);
      const now = this.clock.now();
      const before = facts(event);
      if (request.status === 'acknowledged' && event.status === 'resolved') {
        throw new Problem(SecurityEventProblems.resolved);
      }
      if (request.status === 'acknowledged') event.acknowledge(principal.userId, now);
      if (request.status === 'resolved') event.resolve(principal.userId, now);
      if (request.note !== undefined) event.note = request.note;
      await this.events.save(event);
      await this.audit.record({
        actor: principal,
        action: event.status === before.status ? 'security_event.changed' : `security_event.${event.status}`,
        target: { type: 'security_event', id },
        organizationId: event.organizationId,
        ...changes(before, facts(event)),
      });
      return event;
    });
  }
}

function facts({ status, note }: SecurityEvent): Pick<SecurityEvent, 'status' | 'note'> {
  return { status, note };
}
