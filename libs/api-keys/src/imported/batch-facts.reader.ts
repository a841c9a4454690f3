import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { OrganizationRepository } from '#libs/organizations';
import { UserRepository } from '#libs/users';
import { BatchFacts } from './batch-facts.js';
import { ImportedKeyRepository } from './imported-key.repository.js';
import type { SoundRow } from './imported-row.js';
import type { ImportedHash } from './imported-hash.js';
import type { KeyLocators } from './key-locators.js';

/** Reads all that a batch depends on by one question each, however many rows it has. */
@Injectable()
export class BatchFactsReader {
  constructor(
    private readonly users: UserRepository,
    private readonly organizations: OrganizationRepository,
    private readonly keys: ImportedKeyRepository,
  ) {}

  async read(principal: Principal, rows: readonly SoundRow[], locators: KeyLocators): Promise<BatchFacts> {
    const present = await this.users.presentAmong(principal, distinct(rows.map(({ row }) => row.owner.toLowerCase())));
    const owners = new Map(
      present.flatMap((user) => [
        [user.id, user],
        [user.email.toLowerCase(), user],
      ]),
    );
    const identities = rows.map(({ hash }) => locators.identity(hash).toString('hex'));
    return new BatchFacts(
      owners,
      await this.organizations.idsBySlug(principal, distinct(rows.map(({ row }) => row.organization))),
      await this.keys.ownersOf(identities),
      await this.users.holdersOfLegacyKeys(distinct(rows.map(({ hash }) => legacyHashOf(hash)))),
      await this.keys.sharing(distinct(rows.map(({ hash }) => ('form' in hash ? hash.lookup : undefined)))),
    );
  }
}

/** The hash as it may stand in `users.api_key_hash`, where it may be one of those. */
export function legacyHashOf(hash: ImportedHash): string | undefined {
  return 'recipe' in hash && hash.recipe.scheme === 'sha256' ? hash.digest.toString('hex') : undefined;
}

function distinct(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))];
}
