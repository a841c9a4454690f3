import { Injectable } from '@nestjs/common';
import { effectivePermissions, PermissionCatalogue } from '#libs/access';
import { PreparedSql, type PreparedStatement } from '#libs/database';
import { type Caller, isUuid, Problem, unknownCaller } from '#libs/http';
import { ApiKeysConfig } from './api-keys.config.js';
import { ApiKeyProblems } from './api-keys.problems.js';
import { ImportedKeyFinder } from './imported/imported-key.finder.js';
import { claimedId, KeyFormat } from './key-format.js';
import { LegacyKeys } from './legacy-keys.js';
import { SecretHasher } from './secret-hasher.js';
import { SecretRehasher } from './secret-rehasher.js';
import { keyVerification, legacyVerification, type VerificationRow } from './verification.query.js';
import { VerifiedKey } from './verified-key.js';
import { isBelieved, VerifiedKeysCache } from './verified-keys.cache.js';

/** The outcome for one credential: the key, and why it may not be used now if it may not. */
export interface Verification {
  /** Undefined unless possession of a known key was proved. */
  readonly key: VerifiedKey | undefined;
  readonly refusal: Problem | undefined;
  /** Whom the credential names, proved or not. */
  readonly caller: Caller;
}

/** Which stored key a credential says it is. */
interface ClaimedKey {
  readonly id: string;
  readonly secret: string;
  /** Undefined where the credential names none. */
  readonly environment?: string;
}

/**
 * Judges a credential: form and checksum, cache, one query, constant-time comparison, state. Nothing is said of a key's
 * state before its secret has been proved.
 */
@Injectable()
export class ApiKeyVerifier {
  private readonly format: KeyFormat;

  constructor(
    private readonly config: ApiKeysConfig,
    private readonly hasher: SecretHasher,
    private readonly rehasher: SecretRehasher,
    private readonly cache: VerifiedKeysCache,
    private readonly legacy: LegacyKeys,
    private readonly imported: ImportedKeyFinder,
    private readonly sql: PreparedSql,
    private readonly catalogue: PermissionCatalogue,
  ) {
    this.format = new KeyFormat(config.prefix);
  }

  /** `address`: from where the holder calls; null when that is not known. Answers without a promise from the cache. */
  verify(credential: string, address: string | null): Verification | Promise<Verification> {
    const now = performance.now();
    const cached = this.cache.get(claimedId(credential), now);
    return cached?.recognises(credential) === true ? this.state(cached, address, now) : this.judge(credential, address);
  }

  private judge(credential: string, address: string | null): Verification | Promise<Verification> {
    const parsed = this.format.parse(credential);
    if (parsed.kind === 'malformed') return malformed();
    if (parsed.kind === 'legacy') return this.foreign(parsed.key, address);
    // in capitals it would be the same row under another name, which no change to the key would drop from the cache
    if (!isUuid(parsed.id) || parsed.id !== parsed.id.toLowerCase())
      return unproved(ApiKeyProblems.invalid, 'unknown id');
    return this.stored(parsed, credential, address);
  }

  private stored(
    { id, secret, environment }: ClaimedKey,
    credential: string,
    address: string | null,
  ): Verification | Promise<Verification> {
    return this.with(id, keyVerification, id, (key) => {
      if (key?.secret == null) return unproved(ApiKeyProblems.invalid, 'unknown id');
      if (environment !== undefined && key.row.environment !== environment)
        return unproved(ApiKeyProblems.invalid, 'wrong environment', key.caller);
      if (!this.hasher.matches(secret, key.secret)) return unproved(ApiKeyProblems.invalid, 'wrong secret', key.caller);
      key.proveBy(credential);
      this.rehasher.renew(id, secret, key.secret);
      return this.state(key, address);
    });
  }

  /** A key that was made elsewhere: an imported one, whose secret is the whole of it, or else a legacy one. */
  private foreign(credential: string, address: string | null): Verification | Promise<Verification> {
    const judge = (id: string | undefined): Verification | Promise<Verification> =>
      id === undefined
        ? this.legacyKey(credential, address)
        : this.stored({ id, secret: credential }, credential, address);
    const found = this.imported.find(credential, address);
    return found instanceof Promise ? found.then(judge, refusedForNow) : judge(found);
  }

  private legacyKey(credential: string, address: string | null): Verification | Promise<Verification> {
    if (!this.legacy.exist) return unproved(ApiKeyProblems.invalid, 'unknown legacy key');
    const digest = LegacyKeys.digest(credential);
    return this.with(`legacy ${digest}`, legacyVerification, digest, (key) =>
      key === undefined ? unproved(ApiKeyProblems.invalid, 'unknown legacy key') : this.state(key, address),
    );
  }

  private with(
    handle: string,
    statement: PreparedStatement,
    value: string,
    judge: (key: VerifiedKey | undefined) => Verification,
  ): Verification | Promise<Verification> {
    const now = performance.now();
    const cached = this.cache.get(handle, now);
    return cached === undefined ? this.ask(handle, now, statement, value).then(judge) : judge(cached);
  }

  /** An answer that took so long that it cannot be believed, as after the process was frozen, is asked for once more. */
  private async ask(
    handle: string,
    now: number,
    statement: PreparedStatement,
    value: string,
  ): Promise<VerifiedKey | undefined> {
    const load = (): Promise<VerifiedKey | undefined> => this.read(statement, value);
    const key = await this.cache.load(handle, now, load);
    const answeredAt = performance.now();
    return key === undefined || isBelieved(key, answeredAt) ? key : this.cache.load(handle, answeredAt, load);
  }

  private async read(statement: PreparedStatement, value: string): Promise<VerifiedKey | undefined> {
    const readAt = performance.now();
    const [row] = await this.sql.rows<VerificationRow & Record<string, unknown>>(statement, [value]);
    if (row === undefined) return undefined;
    const identity = {
      keyId: row.key_id,
      userId: row.owner_id,
      organizationId: row.organization_id,
      ownerGrants: row.owner_grants,
      keyGrants: row.key_grants,
      permissions: effectivePermissions(this.catalogue.names(), row.owner_grants, row.key_grants),
      installationWide: row.installation_wide,
      limitSubject: row.limit_subject,
      rateLimit: row.rate_limit,
      quota: row.quota,
      expiresAt: row.expires_at,
      allowedAddresses: row.allowed_addresses,
    };
    return new VerifiedKey(row, identity, readAt);
  }

  private state(key: VerifiedKey, address: string | null, now = performance.now()): Verification {
    return { key, refusal: key.refusalAt(now, address, this.config.environment), caller: key.caller };
  }
}

/** Nothing is known of the credential, because finding out would cost more than can be spent now. */
function refusedForNow(error: unknown): Verification {
  if (error instanceof Problem) return { key: undefined, refusal: error, caller: unknownCaller };
  throw error;
}

/** What everybody can see without knowing any key. */
function malformed(): Verification {
  const refusal = new Problem(ApiKeyProblems.malformed, {
    reason: `${ApiKeyProblems.malformed.code}: form or checksum`,
    detail: 'The form or the checksum of the key is wrong: a character is missing, added or changed.',
  });
  return { key: undefined, refusal, caller: unknownCaller };
}

/** `reason` is for observers and records; the client is told the code alone. */
function unproved(
  definition: (typeof ApiKeyProblems)['invalid'],
  reason: string,
  caller: Caller = unknownCaller,
): Verification {
  return { key: undefined, refusal: new Problem(definition, { reason: `${definition.code}: ${reason}` }), caller };
}
