import type { Principal } from '#libs/access';
import { isUuid } from '#libs/http';
import type { AuditFilter } from './audit.dto.js';
import type { EventCondition } from './chain/stored-events.js';

/** What the principal may see and asks for; a principal of one organization sees the events of that organization. */
export function conditionsOf({ scope }: Principal, filter: AuditFilter): EventCondition[] {
  const { actor, action, target, targetType, requestId, from, to } = filter;
  const subject = action?.endsWith('.*') === true ? action.slice(0, -1) : undefined;
  const conditions = [
    { sql: 'event.organization_id = ?', value: scope ?? undefined },
    { sql: '(event.actor_user_id = ? or event.actor_key_id = ?)', value: actor },
    { sql: 'starts_with(event.action, ?)', value: subject },
    { sql: 'event.action = ?', value: subject === undefined ? action : undefined },
    { sql: 'event.target_id = ?', value: target === undefined || !isUuid(target) ? target : target.toLowerCase() },
    { sql: 'event.target_type = ?', value: targetType },
    { sql: 'event.request_id = ?', value: requestId },
    { sql: 'event.occurred_at >= ?', value: timeOf(from) },
    { sql: 'event.occurred_at < ?', value: timeOf(to) },
  ];
  return conditions.filter(({ value }) => value !== undefined);
}

/** PostgreSQL reads fewer offsets than RFC 3339 writes. */
function timeOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}
