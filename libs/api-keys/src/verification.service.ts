import { Injectable } from '@nestjs/common';
import { AccessProblems, covers, type Principal } from '#libs/access';
import { normalizeAddress, type Problem } from '#libs/http';
import { KeyLimits } from '#libs/security';
import { ApiKeyVerifier } from './api-key.verifier.js';
import { ApiKeyProblems } from './api-keys.problems.js';
import { LastUsedTracker } from './last-used-tracker.js';
import { VerificationView, type VerifyApiKeyRequest } from './verification.dto.js';
import type { VerifiedKey } from './verified-key.js';

interface Reason {
  readonly code: string;
  readonly detail: string;
}

/** Judges keys on behalf of other services: the same outcome as a call with the key here, limits included. */
@Injectable()
export class VerificationService {
  constructor(
    private readonly verifier: ApiKeyVerifier,
    private readonly limits: KeyLimits,
    private readonly lastUsed: LastUsedTracker,
  ) {}

  /** A key of an organization that the principal may not see answers as one that does not exist. */
  async verify(principal: Principal, request: VerifyApiKeyRequest): Promise<VerificationView> {
    const address = request.address === undefined ? null : (normalizeAddress(request.address) ?? null);
    const { key, refusal } = await this.verifier.verify(request.key, address);
    if (key === undefined) return outcome(reasonOf(refusal));
    if (principal.scope !== null && key.row.organization_id !== principal.scope) return outcome(unknownKey);
    if (refusal !== undefined) return outcome(reasonOf(refusal), key);
    const missing = (request.permissions ?? []).filter((wanted) => !holds(key, wanted));
    if (missing.length > 0)
      return outcome(
        { code: AccessProblems.missing.code, detail: `The key lacks ${missing.join(', ')}.` },
        key,
        missing,
      );
    const limited = await this.limits.consume(key.identity);
    if (limited !== undefined) return outcome(reasonOf(limited), key);
    if (key.identity.keyId !== null) this.lastUsed.used(key.identity.keyId, Date.now());
    return outcome(undefined, key);
  }
}

const unknownKey: Reason = { code: ApiKeyProblems.invalid.code, detail: ApiKeyProblems.invalid.title };

function reasonOf(problem: Problem | undefined): Reason {
  return problem === undefined ? unknownKey : { code: problem.code, detail: problem.message };
}

/** A service may ask for permissions that only it knows; they are then matched against the grants. */
function holds({ identity }: VerifiedKey, wanted: string): boolean {
  return (
    identity.permissions.has(wanted) || (covers(identity.ownerGrants, wanted) && covers(identity.keyGrants, wanted))
  );
}

function outcome(refused: Reason | undefined, key?: VerifiedKey, missing: string[] = []): VerificationView {
  return Object.assign(new VerificationView(), {
    valid: refused === undefined,
    code: refused?.code ?? 'valid',
    detail: refused?.detail ?? null,
    keyId: key?.row.key_id ?? null,
    name: key?.row.name ?? null,
    ownerId: key?.row.owner_id ?? null,
    organizationId: key?.row.organization_id ?? null,
    environment: key?.row.environment ?? null,
    permissions: key === undefined ? [] : [...key.identity.permissions],
    missing,
    expiresAt: key?.row.expires_at ?? null,
    metadata: key?.row.metadata ?? null,
    tags: key?.row.tags ?? [],
  });
}
