import { createHmac, createSecretKey, hash as digestOf, type KeyObject, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretKeys } from '#libs/secrets';

/** What is stored of a secret. */
export interface SecretHash {
  readonly hash: Buffer;
  /** Which pepper made it. */
  readonly pepperVersion: string;
}

const PURPOSE = 'pepper';

/** HMAC-SHA256(pepper, secret): without the pepper, which the database never sees, a stolen hash verifies nothing. */
@Injectable()
export class SecretHasher {
  private readonly peppers: ReadonlyMap<string, KeyObject>;
  /** SHA-256 of the secret that matched a hash, kept as long as that hash is: the next call with it needs no HMAC. */
  private readonly proved = new WeakMap<SecretHash, Buffer>();
  readonly currentVersion: string;

  constructor(secrets: SecretKeys) {
    this.currentVersion = secrets.current(PURPOSE).version;
    this.peppers = new Map(secrets.accepted(PURPOSE).map(({ version, key }) => [version, createSecretKey(key)]));
  }

  /** Versions of the peppers that this process knows. */
  get versions(): readonly string[] {
    return [...this.peppers.keys()];
  }

  hash(secret: string): SecretHash {
    return { hash: this.digest(secret, this.currentVersion), pepperVersion: this.currentVersion };
  }

  /** Compares in constant time: a difference would reveal how much of a hash matched. False for an unknown pepper. */
  matches(secret: string, stored: SecretHash): boolean {
    const digest = digestOf('sha256', secret, 'buffer');
    const proved = this.proved.get(stored);
    if (proved !== undefined && timingSafeEqual(digest, proved)) return true;
    if (!this.proves(secret, stored)) return false;
    this.proved.set(stored, digest);
    return true;
  }

  private proves(secret: string, { hash, pepperVersion }: SecretHash): boolean {
    if (!this.peppers.has(pepperVersion)) return false;
    const digest = this.digest(secret, pepperVersion);
    return digest.length === hash.length && timingSafeEqual(digest, hash);
  }

  private digest(secret: string, version: string): Buffer {
    const pepper = this.peppers.get(version);
    if (pepper === undefined) throw new Error(`The pepper of version ${version} is not configured.`);
    return createHmac('sha256', pepper).update(secret).digest();
  }
}
