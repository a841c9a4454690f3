import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { digestBy, type ImportedHash, type Recipe } from './imported-hash.js';

/**
 * Under which names keys are found in the table: HMACs under a key of the installation that the database does not hold in
 * the clear, so that a copy of the table tells nothing of a key, and nobody can choose what they are looked up under.
 */
export class KeyLocators {
  private readonly locatorKey: KeyObject;
  private readonly recipes: readonly Recipe[];

  /** `secrets`: those of all HMACs that keys were imported with. */
  constructor(locatorKey: Buffer, secrets: readonly Buffer[]) {
    this.locatorKey = createSecretKey(locatorKey);
    this.recipes = [
      { scheme: 'sha256' },
      { scheme: 'sha512' },
      ...secrets.map((secret) => ({ scheme: 'hmac-sha256' as const, secret })),
    ];
  }

  /** The name of a key that has been used since it was imported. */
  native(key: string): Buffer {
    return this.name('key', key);
  }

  /** Every name that a key may have, the native one first. */
  all(key: string): Buffer[] {
    return [this.native(key), ...this.recipes.map((recipe) => this.ofDigest(recipe, digestBy(recipe, key)))];
  }

  /** What tells a hash from all others, for good; the locator of a key that is found by its digest. */
  identity(hash: ImportedHash): Buffer {
    return 'form' in hash ? this.name('form', hash.form.text) : this.ofDigest(hash.recipe, hash.digest);
  }

  /** Tells secrets apart without telling what they are. */
  fingerprint(secret: Buffer): string {
    return this.name('secret', secret).toString('hex');
  }

  private ofDigest(recipe: Recipe, digest: Buffer): Buffer {
    const secret = recipe.scheme === 'hmac-sha256' ? this.fingerprint(recipe.secret) : '';
    return this.name(`${recipe.scheme} ${secret}`, digest);
  }

  private name(purpose: string, what: string | Buffer): Buffer {
    return createHmac('sha256', this.locatorKey).update(`${purpose}\n`).update(what).digest();
  }
}
