import { invalid, parseJsonBody } from '#libs/http';
import { commaSeparated } from '../command-input.js';
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
  const [quotaLimit, period] = quota?.split('/') ?? [];
  const [limit, windowSeconds] = rateLimit?.split('/') ?? [];
  const row = {
    ...texts,
    permissions: permissions === 'none' ? [] : listOf(permissions),
    expiresInDays: numberOf(expiresInDays),
    allowedAddresses: listOf(allowedAddresses),
    rateLimit: rateLimit === undefined ? undefined : { limit: numberOf(limit), windowSeconds: numberOf(windowSeconds) },
    quota: quota === undefined ? undefined : { limit: numberOf(quotaLimit), period },
    metadata: metadata === undefined ? undefined : jsonOf(metadata),
    tags: listOf(tags),
  };
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}

function listOf(text: string | undefined): string[] | undefined {
  return text === undefined ? undefined : commaSeparated(text.replaceAll(';', ','));
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function jsonOf(text: string): unknown {
  try {
    return parseJsonBody(Buffer.from(text));
  } catch {
    throw invalid([{ pointer: '/metadata', detail: 'must be a JSON object' }]);
  }
}
