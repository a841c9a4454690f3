import { withoutKeys } from '#libs/http';
import { asciiText, inet, integer, NULL_FIELD, text, timestamptz } from './copy-fields.js';
import { remembered } from './remembered.js';

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

/** The columns of `callColumns`. */
export const callColumnNames =
  'occurred_at, duration_us, response_bytes, address, user_agent, request_id, problem_code, refusal';

/** What of a call is its own: the end of its row for COPY, behind what its group has in common. */
export function callColumns(record: UsageRecord, us: number): string {
  const { occurredAt, responseBytes, address, requestId, problemCode, refusal } = record;
  const measured = `${timeColumn(occurredAt)}${integer(us)}${integer(Math.min(MOST_BYTES, responseBytes))}`;
  const sender = `${addressColumn(address)}${orNull(record.userAgent, agentColumn)}${asciiText(requestId)}`;
  return `${measured}${sender}${orNull(problemCode, codeColumn)}${orNull(refusal, codeColumn)}`;
}

export function orNull(value: string | null, column: (value: string) => string): string {
  return value === null ? NULL_FIELD : column(value);
}

let lastAt = Number.NaN;
let lastColumn = '';

/** Calls that arrive together share it. */
function timeColumn(at: number): string {
  if (at !== lastAt) {
    lastAt = at;
    lastColumn = timestamptz(at);
  }
  return lastColumn;
}

const addressColumn = remembered(inet);
const agentColumn = remembered((sent) => text(withoutKeys(sent).slice(0, USER_AGENT_LENGTH)));
/** Problem codes and reasons; plug-ins name them too. */
const codeColumn = remembered(text);
