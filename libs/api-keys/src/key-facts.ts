import type { AuditEntry } from '#libs/audit';
import type { ApiKey } from './api-key.entity.js';

/** The members of a key that the audit log shows; the hash of the secret is none of them. */
export function keyFacts(key: ApiKey): object & Record<string, unknown> {
  const { secretHash, pepperVersion, lastUsedAt, lastUsedAddress, version, createdAt, updatedAt, ...facts } = key;
  return facts;
}

/** Those of them which people write in their own words, or where they are: the audit log forgets them with the owner. */
export function personalKeyFacts({ ownerId }: ApiKey): AuditEntry['personal'] {
  return {
    of: ownerId,
    members: ['name', 'description', 'metadata', 'tags', 'allowedAddresses', 'revocationReason'],
  };
}
