import type { Principal } from '#libs/access';
import { invalid, isUuid, Problem, RequestProblems } from '#libs/http';
import type { KeyOwner } from '../api-key.issuer.js';
import { ApiKeyProblems } from '../api-keys.problems.js';
import type { ImportedKeyRow } from './import-keys.dto.js';
import { MAX_CANDIDATES } from './imported-key.repository.js';

/** Shorter ones are shared by many: who reaches one organization alone must not take them from the others. */
const MIN_LOOKUP_OF_ONE_ORGANIZATION = 16;

/** A key that stands for a hash. */
export interface HashOwner {
  readonly keyId: string;
  readonly ownerId: string;
}

/** What the database said about the rows of a batch, and what the rows before have added to it. */
export class BatchFacts {
  private readonly lookups: string[] = [];

  constructor(
    /** Users by id and by e-mail address in lower case; those that the importer does not see are not there. */
    private readonly owners: ReadonlyMap<string, KeyOwner>,
    /** Ids of organizations by slug. */
    private readonly organizations: ReadonlyMap<string, string>,
    private readonly byIdentity: Map<string, HashOwner>,
    /** Users by the hash of their legacy key. */
    private readonly legacy: ReadonlyMap<string, string>,
    private readonly sharing: ReadonlyMap<string, number>,
  ) {}

  /** @throws Problem request.not_found, request.invalid */
  owner({ owner: name, organization }: ImportedKeyRow): KeyOwner {
    const owner = this.owners.get(name.toLowerCase());
    if (owner === undefined)
      throw new Problem(RequestProblems.notFound, {
        detail: `There is no user with the ${isUuid(name) ? 'id' : 'e-mail address'} ${name}.`,
      });
    if (organization !== undefined && this.organizations.get(organization) !== owner.organizationId)
      throw invalid([{ pointer: '/organization', detail: 'must be the slug of the organization of the owner' }]);
    return owner;
  }

  /** The key that stands for the hash already. @throws Problem api_key.hash_taken when it is somebody else's */
  standing(identity: string, legacyHash: string | undefined, { id }: KeyOwner): string | undefined {
    const taken = this.byIdentity.get(identity);
    const legacyHolder = legacyHash === undefined ? undefined : this.legacy.get(legacyHash);
    if ((taken !== undefined && taken.ownerId !== id) || (legacyHolder !== undefined && legacyHolder !== id))
      throw new Problem(ApiKeyProblems.hashTaken);
    return taken?.keyId;
  }

  /** @throws Problem request.invalid when too many keys would have to be tried for one credential */
  assertLookupFree(principal: Principal, lookup: string): void {
    if (principal.scope !== null && lookup.length < MIN_LOOKUP_OF_ONE_ORGANIZATION) {
      const detail = `must be at least ${MIN_LOOKUP_OF_ONE_ORGANIZATION} characters: shorter ones are for administrators of the whole installation`;
      throw invalid([{ pointer: '/lookup', detail }]);
    }
    const here = this.lookups.filter((other) => other.startsWith(lookup) || lookup.startsWith(other)).length;
    if (here + (this.sharing.get(lookup) ?? 0) < MAX_CANDIDATES) return;
    const detail = `is shared by ${MAX_CANDIDATES} keys that were not used yet, the most allowed: give more characters of the key`;
    throw invalid([{ pointer: '/lookup', detail }]);
  }

  add(identity: string, lookup: string | undefined, key: HashOwner): void {
    this.byIdentity.set(identity, key);
    if (lookup !== undefined) this.lookups.push(lookup);
  }
}
