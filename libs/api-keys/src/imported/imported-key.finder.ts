import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AccessChanges } from '#libs/permissions';
import { addressGroup } from '#libs/security';
import { SecretHasher } from '../secret-hasher.js';
import { storedForm } from './imported-hash.js';
import { type Candidate, ImportedKeyRepository, LOOKUP_LENGTHS } from './imported-key.repository.js';
import { ImportedKeys } from './imported-keys.js';
import type { KeyLocators } from './key-locators.js';
import { SlowGuesses } from './slow-guesses.js';
import { SlowHashQueue } from './slow-hash.queue.js';

const MAX_FOUND = 20_000;

/**
 * Finds out which imported key a credential is, proves it by the hash that it was imported with and rehashes it; from then
 * on it is verified as a key of this installation, whose secret is the whole of it.
 */
@Injectable()
export class ImportedKeyFinder {
  /** Ids of keys that were found, by the SHA-256 of the credential. Only where to look: each use is verified anew. */
  private readonly found = new LRUCache<string, string>({ max: MAX_FOUND });
  private readonly searches = new Map<string, Promise<string | undefined>>();

  constructor(
    private readonly imported: ImportedKeys,
    private readonly keys: ImportedKeyRepository,
    private readonly hasher: SecretHasher,
    private readonly changes: AccessChanges,
    private readonly queue: SlowHashQueue,
    private readonly guesses: SlowGuesses,
  ) {}

  /**
   * The id of the key, or undefined when it was not imported. Answers without a promise where it can.
   * @throws Problem rate_limit.address, server.unavailable when a slow hash would have to be computed and may not now
   */
  find(credential: string, address: string | null): string | undefined | Promise<string | undefined> {
    const { locators } = this.imported;
    if (locators === undefined) return undefined;
    const digest = hash('sha256', credential, 'hex');
    return this.found.get(digest) ?? this.search(digest, credential, address, locators);
  }

  /** Whoever presents the same credential meanwhile waits for the same search. */
  private search(
    digest: string,
    credential: string,
    address: string | null,
    locators: KeyLocators,
  ): Promise<string | undefined> {
    const running = this.searches.get(digest);
    if (running !== undefined) return running;
    const search = this.identify(credential, address, locators)
      .then((id) => {
        if (id !== undefined) this.found.set(digest, id);
        return id;
      })
      .finally(() => this.searches.delete(digest));
    this.searches.set(digest, search);
    return search;
  }

  private async identify(
    credential: string,
    address: string | null,
    locators: KeyLocators,
  ): Promise<string | undefined> {
    const candidates = await this.keys.candidates(locators.all(credential), lookupsOf(credential));
    const native = locators.native(credential);
    const used = candidates.find(({ locator }) => locator?.equals(native));
    if (used !== undefined) return used.id;
    const id = oldestNamed(candidates) ?? (await this.proved(candidates, credential, address));
    if (id === undefined) return undefined;
    await this.keys.rehash(id, native, this.hasher.hash(credential));
    this.changes.publish({ keyId: id });
    return id;
  }

  /** Tries the salted hashes that may be of the credential. */
  private async proved(
    candidates: readonly Candidate[],
    credential: string,
    address: string | null,
  ): Promise<string | undefined> {
    const forms = candidates.flatMap(({ id, form }) => (form === null ? [] : [{ id, form: storedForm(form) }]));
    if (forms.length === 0) return undefined;
    this.guesses.assertMayGuess(address);
    const id = await this.queue.run(address === null ? 'unknown' : addressGroup(address), async () => {
      for (const candidate of forms) if (await candidate.form.verify(credential)) return candidate.id;
      return undefined;
    });
    if (id === undefined) await this.guesses.failed(address);
    return id;
  }
}

/** The key that is found by its digest; of several, as when it was imported by SHA-256 and by SHA-512, the one imported first. */
function oldestNamed(candidates: readonly Candidate[]): string | undefined {
  const ids = candidates.flatMap(({ id, locator }) => (locator === null ? [] : [id]));
  return ids.toSorted()[0];
}

function lookupsOf(credential: string): string[] {
  const { min, max } = LOOKUP_LENGTHS;
  const longest = Math.min(max, credential.length - 1);
  return Array.from({ length: longest - min + 1 }, (_, more) => credential.slice(0, min + more));
}
