import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import type { ChainKeys } from './chain-keys.js';
import type { ChainPoint } from './chained-event.js';

/** What the chain was at a moment, signed: whoever keeps it can prove that nothing before it was changed. */
export interface AuditCheckpoint extends ChainPoint {
  readonly installation: string;
  /** `head`: the chain stood there. `archive`: everything up to there was moved out of the table. */
  readonly kind: 'head' | 'archive';
  /** RFC 3339 in UTC. */
  readonly at: string;
  /** The Ed25519 public key, in base64url. */
  readonly publicKey: string;
  /** Over `keyward audit checkpoint`, a line feed and the canonical JSON of the other members; in base64url. */
  readonly signature: string;
}

const members = ['at', 'hash', 'installation', 'kind', 'position', 'publicKey', 'signature'];

export function signCheckpoint(
  keys: ChainKeys,
  { position, hash, installation, kind }: Pick<AuditCheckpoint, 'position' | 'hash' | 'installation' | 'kind'>,
  at: Date,
): AuditCheckpoint {
  const unsigned = { position, hash, installation, kind, at: at.toISOString(), publicKey: keys.publicKey };
  return { ...unsigned, signature: keys.sign(signedText(unsigned)) };
}

/** Whether one of the keys, given in base64url, made the signature. */
export function isSignedByOneOf(publicKeys: readonly string[], checkpoint: AuditCheckpoint): boolean {
  const { signature, ...unsigned } = checkpoint;
  if (!publicKeys.includes(checkpoint.publicKey)) return false;
  const key = keyOf(checkpoint.publicKey);
  const text = Buffer.from(signedText(unsigned));
  return key !== undefined && verify(null, text, key, Buffer.from(signature, 'base64url'));
}

/** Whether it is an Ed25519 public key in base64url. */
export function isPublicKey(text: string): boolean {
  return keyOf(text) !== undefined;
}

/** One line of a checkpoint file; undefined when it is none. */
export function parseCheckpoint(line: string): AuditCheckpoint | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isCheckpoint(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it has the form of a checkpoint, whoever signed it. */
export function isCheckpoint(value: unknown): value is AuditCheckpoint {
  if (typeof value !== 'object' || value === null) return false;
  if (Object.keys(value).toSorted().join() !== members.join()) return false;
  return Object.entries(value).every(([name, member]) => {
    if (name === 'position') return Number.isSafeInteger(member);
    return name === 'kind' ? member === 'head' || member === 'archive' : typeof member === 'string';
  });
}

function signedText(unsigned: Omit<AuditCheckpoint, 'signature'>): string {
  return `keyward audit checkpoint\n${canonicalJson(unsigned)}`;
}

function keyOf(publicKey: string): KeyObject | undefined {
  if (Buffer.from(publicKey, 'base64url').length !== 32) return undefined;
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
  } catch {
    return undefined;
  }
}
