import { IssuedApiKey, type NewKey } from '#libs/api-keys';
import type { Answer } from '../cli-command.js';
import { facts, minute } from '../plain-text.js';

/** A key for the one time that it is shown; as JSON it is what the API answers. */
export function newKeyAnswer({ key, wholeKey }: NewKey, headline: string): Answer {
  const text = facts({
    'key id': key.id,
    name: key.name,
    environment: key.environment,
    permissions: key.grants.join(', ') || 'none',
    expires: key.expiresAt === null ? 'never' : minute(key.expiresAt),
    'key (shown once)': wholeKey,
  });
  return {
    data: IssuedApiKey.issued(key, wholeKey, key.createdAt, `admin/api-keys/${key.id}`),
    text: `${headline}\n${text}`,
  };
}
