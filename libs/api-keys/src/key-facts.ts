import type { ApiKey } from './api-key.entity.js';

/** The members of a key that the audit log shows; the hash of the secret is none of them. */
export function keyFacts(key: ApiKey): object & Record<string, unknown> {
  const { secretHash, pepperVersion, lastUsedAt, version, createdAt, updatedAt, ...facts } = key;
  return facts;
}
