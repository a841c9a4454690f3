import { withoutKeys } from '#libs/http';

/** One call, as it is kept. */
export interface UsageRecord {
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
  readonly durationMs: number;
  readonly statusCode: number;
  readonly method: string;
  /** The template that matched; null when no route did. */
  readonly route: string | null;
  readonly apiKeyId: string | null;
  readonly userId: string | null;
  readonly organizationId: string | null;
  readonly address: string;
  readonly userAgent: string | null;
  readonly requestId: string;
  readonly problemCode: string | null;
  /** The true reason of a refusal, which may say more than the problem's code. */
  readonly refusal: string | null;
}

const USER_AGENT_LENGTH = 256;

export const usageColumns =
  'occurred_at, duration_us, status_code, method, route, api_key_id, user_id, organization_id, address, user_agent, request_id, problem_code, refusal';

/** A row in PostgreSQL's text format for COPY (manual, COPY, File Formats). */
export function copyRow(record: UsageRecord): string {
  const { occurredAt, durationMs, statusCode, method, route, apiKeyId, userId, organizationId, address } = record;
  const agent = record.userAgent === null ? '\\N' : escape(withoutKeys(record.userAgent).slice(0, USER_AGENT_LENGTH));
  return `${timestamp(occurredAt)}\t${Math.min(2_147_483_647, Math.round(durationMs * 1000))}\t${statusCode}\t${method}\t${route ?? '\\N'}\t${apiKeyId ?? '\\N'}\t${userId ?? '\\N'}\t${organizationId ?? '\\N'}\t${address}\t${agent}\t${record.requestId}\t${record.problemCode ?? '\\N'}\t${record.refusal ?? '\\N'}\n`;
}

let lastSecond = 0;
let lastSecondText = '';

/** RFC 3339 in UTC; the part down to the second is the same for thousands of rows and kept. */
function timestamp(at: number): string {
  const second = Math.floor(at / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastSecondText = new Date(second * 1000).toISOString().slice(0, 19);
  }
  return `${lastSecondText}.${String(at - second * 1000).padStart(3, '0')}Z`;
}

const special = /[\\\t\n\r\b\f\v\0]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escape(text: string): string {
  if (!special.test(text)) return text;
  return text.replaceAll(/[\\\t\n\r\b\f\v\0]/g, (char) => escapes[char] ?? ' ');
}
