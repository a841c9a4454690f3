import { withoutKeys } from '#libs/http';

/** One call, as it is kept. */
export interface UsageRecord {
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
  readonly durationMs: number;
  readonly statusCode: number;
  /** Of the body of the answer. */
  readonly responseBytes: number;
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
/** PostgreSQL's integer: what a row holds of bytes and of microseconds. */
export const MOST_BYTES = 2_147_483_647;
const LONGEST_US = 2_147_483_647;

export function durationUs(ms: number): number {
  return Math.min(LONGEST_US, Math.round(ms * 1000));
}

/** The columns of `callColumns`, in PostgreSQL's text format for COPY (manual, COPY, File Formats). */
export const callColumnNames =
  'occurred_at, duration_us, response_bytes, address, user_agent, request_id, problem_code, refusal';

/** What of a call is its own: the end of its row for COPY, behind what its group has in common. */
export function callColumns(record: UsageRecord, us: number): string {
  const { occurredAt, responseBytes, address, requestId, problemCode, refusal } = record;
  return `${timestamp(occurredAt)}\t${us}\t${Math.min(MOST_BYTES, responseBytes)}\t${address}\t${userAgent(record.userAgent)}\t${requestId}\t${codeColumn(problemCode)}\t${codeColumn(refusal)}\n`;
}

let lastAt = Number.NaN;
let lastText = '';

/** RFC 3339 in UTC; calls that arrive together share it. */
export function timestamp(at: number): string {
  if (at !== lastAt) {
    lastAt = at;
    lastText = new Date(at).toISOString();
  }
  return lastText;
}

const MOST_AGENTS = 1000;
const agents = new Map<string, string>();

/** As a column; programs send the same one again and again, so the last ones are kept. */
function userAgent(sent: string | null): string {
  if (sent === null) return '\\N';
  const known = agents.get(sent);
  if (known !== undefined) return known;
  const column = escape(withoutKeys(sent).slice(0, USER_AGENT_LENGTH));
  if (agents.size >= MOST_AGENTS) agents.clear();
  agents.set(sent, column);
  return column;
}

/** Problem codes and reasons; plug-ins name them too, and one with a tab would break the whole batch. */
function codeColumn(code: string | null): string {
  return code === null ? '\\N' : escape(code);
}

const special = /[\\\t\n\r\b\f\v\0]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escape(text: string): string {
  if (!special.test(text)) return text;
  return text.replaceAll(/[\\\t\n\r\b\f\v\0]/g, (char) => escapes[char] ?? ' ');
}
