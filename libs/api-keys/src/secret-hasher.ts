import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
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
  matches(secret: string, { hash, pepperVersion }: SecretHash): boolean {
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
