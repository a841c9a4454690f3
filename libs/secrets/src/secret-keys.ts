import { hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretsConfig } from './secrets.config.js';

/** A key derived for one purpose, and the version of the secret that it stems from. */
export interface PurposeKey {
  /** Short public fingerprint of the installation secret; tells versions apart and reveals nothing. */
  readonly version: string;
  readonly key: Buffer;
}

/** Derives a key of its own for each purpose from the installation secret (HKDF-SHA256, RFC 5869). */
@Injectable()
export class SecretKeys {
  constructor(private readonly config: SecretsConfig) {}

  /** The key to write with. */
  current(purpose: string): PurposeKey {
    return derive(this.config.current, purpose);
  }

  /** Every key that may still be read: the current one first, then the previous one while rotating. */
  accepted(purpose: string): readonly PurposeKey[] {
    const { current, previous } = this.config;
    return [current, ...(previous === undefined ? [] : [previous])].map((secret) => derive(secret, purpose));
  }
}

function derive(secret: string, purpose: string): PurposeKey {
  const expand = (info: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, '', `keyward ${info}`, bytes));
  return { version: expand('version', 4).toString('hex'), key: expand(purpose, 32) };
}
