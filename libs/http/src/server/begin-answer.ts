import type { ServerResponse } from 'node:http';

interface BeginningAnswer {
  begin(): Promise<void> | undefined;
}

/**
 * Accounts for an answer that goes on without an end, such as a stream of events: its record says how it began, and is safe
 * before the first byte goes, rather than lost with the process hours later. Rejects with what `onAnswer` rejects with;
 * then the answer may still become a problem.
 */
export async function beginAnswer(response: ServerResponse): Promise<void> {
  if (!mayBegin(response)) throw new Error('The answer was not made by the HTTP server of Keyward.');
  await response.begin();
}

function mayBegin(response: ServerResponse): response is ServerResponse & BeginningAnswer {
  return 'begin' in response && typeof response.begin === 'function';
}
