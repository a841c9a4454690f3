import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretKeys } from '#libs/secrets';

/** PKCS #8 of an Ed25519 key but for its 32 bytes (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
/** How many hexadecimal digits name a key. */
const NAME_DIGITS = 16;

/** What only this installation can put on its audit log: MACs on the events and signatures on checkpoints. */
@Injectable()
export class ChainKeys {
  private readonly macs: ReadonlyMap<string, Buffer>;
  private readonly current: { readonly name: string; readonly key: Buffer };
  private readonly signing: KeyObject;
  /** Of the present SECRET_KEY and, while rotating, of the former. */
  readonly publicKeys: readonly string[];

  constructor(secrets: SecretKeys) {
    const keys = secrets.accepted('audit chain mac').map(({ key }) => ({ name: nameOfMacKey(key), key }));
    const [current] = keys;
    if (current === undefined) throw new Error('There is no secret to derive a key from.');
    this.current = current;
    this.macs = new Map(keys.map(({ name, key }) => [name, key]));
    this.signing = signingKey(secrets.current('audit checkpoint').key);
    this.publicKeys = secrets.accepted('audit checkpoint').map(({ key }) => publicKeyOf(signingKey(key)));
  }

  /** Of the key that new MACs are made with. */
  get macKey(): string {
    return this.current.name;
  }

  mac(hash: Buffer): Buffer {
    return createHmac('sha256', this.current.key).update(hash).digest();
  }

  /** Whether the MAC is right; undefined when it is of a key that this installation does not have. */
  isGenuine({ hash, mac, macKey }: { hash: string; mac: string; macKey: string }): boolean | undefined {
    const key = this.macs.get(macKey);
    if (key === undefined) return undefined;
    const right = createHmac('sha256', key).update(Buffer.from(hash, 'hex')).digest();
    const given = Buffer.from(mac, 'hex');
    return given.length === right.length && timingSafeEqual(given, right);
  }

  /** Ed25519 (RFC 8032), in base64url. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.signing).toString('base64url');
  }

  /** The 32 bytes of the public key in base64url, as a JWK has them (RFC 8037). */
  get publicKey(): string {
    return publicKeyOf(this.signing);
  }
}

function nameOfMacKey(key: Buffer): string {
  return createHmac('sha256', key).update('name').digest('hex').slice(0, NAME_DIGITS);
}

function signingKey(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

function publicKeyOf(signing: KeyObject): string {
  return createPublicKey(signing).export({ format: 'jwk' }).x ?? '';
}
