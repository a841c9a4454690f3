import type { IncomingMessage } from 'node:http';
import { invalid } from './validation.pipe.js';

const MAX_LENGTH = 255;
/** A structured-field string (RFC 9651, 3.3.3), as the draft has it. */
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
const printable = /^[\x20-\x7e]+$/;

/**
 * The Idempotency-Key of a request (draft-ietf-httpapi-idempotency-key-header), quoted or bare; `"abc"` and `abc` are the
 * same. Undefined when none was sent.
 * @throws Problem request.invalid unless it is one value of 1 to 255 printable ASCII characters
 */
export function idempotencyKeyOf({ headers, headersDistinct }: IncomingMessage): string | undefined {
  const sent = headers['idempotency-key'];
  if (sent === undefined) return undefined;
  const values = headersDistinct['idempotency-key'] ?? [];
  const [value = ''] = values;
  const key = value.startsWith('"') ? quoted.exec(value)?.[1]?.replaceAll(/\\(["\\])/g, '$1') : value;
  if (values.length === 1 && key !== undefined && key.length <= MAX_LENGTH && printable.test(key)) return key;
  throw invalid([
    { pointer: '/Idempotency-Key', detail: `must be one value of 1 to ${MAX_LENGTH} printable ASCII characters` },
  ]);
}
