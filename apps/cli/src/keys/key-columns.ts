import { invalid, parseJsonBody } from '#libs/http';
import { commaSeparated, wholeNumber } from '../command-input.js';
import type { Cells, Columns } from '../rows/csv-rows.js';

/** Columns of a file of keys; each is the member of the same name of a row in JSON. */
export const keyColumns: Columns = {
  required: ['owner', 'scheme', 'hash'],
  optional: [
    'lookup',
    'secret',
    'saltPrefix',
    'saltSuffix',
    'organization',
    'name',
    'description',
    'environment',
    'permissions',
    'expiresAt',
    'expiresInDays',
    'allowedAddresses',
    'rateLimit',
    'quota',
    'metadata',
    'tags',
  ],
};

/** A row as JSON has it. Lists are separated by commas or semicolons; permissions `none` grant nothing. */
export function keyRow(cells: Cells): unknown {
  const { permissions, expiresInDays, allowedAddresses, rateLimit, quota, metadata, tags, ...texts } = cells;
  const row = {
    ...texts,
    permissions: permissions === 'none' ? [] : listOf(permissions),
    expiresInDays: numberOf(expiresInDays),
    allowedAddresses: listOf(allowedAddresses),
    rateLimit: pairOf('rateLimit', rateLimit, '100/60', (limit, seconds) => ({
      limit: numberOf(limit),
      windowSeconds: numberOf(seconds),
    })),
    quota: pairOf('quota', quota, '1000/day', (limit, period) => ({ limit: numberOf(limit), period })),
    metadata: metadata === undefined ? undefined : jsonOf(metadata),
    tags: listOf(tags),
  };
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}

function listOf(text: string | undefined): string[] | undefined {
  return text === undefined ? undefined : commaSeparated(text.replaceAll(';', ','));
}

/** Digits as a number; any other text as it is, for the rules of the row to refuse. */
function numberOf(text: string | undefined): number | string | undefined {
  return text === undefined ? undefined : wholeNumber(text);
}

function pairOf<T>(
  column: string,
  text: string | undefined,
  example: string,
  make: (first: string, second: string) => T,
): T | undefined {
  if (text === undefined) return undefined;
  const [first, second, ...others] = text.split('/').map((part) => part.trim());
  if (first === undefined || second === undefined || others.length > 0)
    throw invalid([{ pointer: `/${column}`, detail: `must be two values with a slash between, such as ${example}` }]);
  return make(first, second);
}

function jsonOf(text: string): unknown {
  try {
    return parseJsonBody(Buffer.from(text));
  } catch {
    throw invalid([{ pointer: '/metadata', detail: 'must be a JSON object' }]);
  }
}
