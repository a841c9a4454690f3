import { Injectable } from '@nestjs/common';
import { AccessObservers, AccessProblems, covers, type Principal } from '#libs/access';
import { type Caller, normalizeAddress, Problem, type RequestContext, unknownCaller } from '#libs/http';
import { KeyLimits } from '#libs/security';
import { ApiKeyVerifier, type Verification } from './api-key.verifier.js';
import { ApiKeyProblems } from './api-keys.problems.js';
import { VerificationView, type VerifyApiKeyRequest } from './verification.dto.js';
import type { VerifiedKey } from './verified-key.js';

/** What is found of a credential, and what of that the asker may know. */
interface Verdict {
  readonly problem: Problem | undefined;
  /** Undefined unless possession was proved, of a key that the asker may see. */
  readonly key?: VerifiedKey;
  /** Whom the credential names, for observers alone. */
  readonly caller: Caller;
  readonly missing?: string[];
}

/**
 * Judges keys on behalf of other services: the same outcome as a call with the key here, limits included, and the
 * observers hear of it as they hear of a call.
 */
@Injectable()
export class VerificationService {
  constructor(
    private readonly verifier: ApiKeyVerifier,
    private readonly limits: KeyLimits,
    private readonly observers: AccessObservers,
  ) {}

  /** A key of an organization that the principal may not see answers as one that does not exist. */
  async verify(principal: Principal, request: VerifyApiKeyRequest, call: RequestContext): Promise<VerificationView> {
    const address = request.address === undefined ? null : (normalizeAddress(request.address) ?? null);
    const found = await this.verifier.verify(request.key, address);
    if (found.refusal?.status === 503) throw found.refusal; // no outcome: it could not be told now
    const verdict = await this.judge(principal, request.permissions ?? [], found);
    const { problem = null, key, caller } = verdict;
    this.observers.judged({ problem, caller, proved: key !== undefined, asker: principal, address }, call);
    return viewOf(verdict);
  }

  private async judge(
    { scope }: Principal,
    wanted: readonly string[],
    { key, refusal, caller }: Verification,
  ): Promise<Verdict> {
    if (key === undefined) return { problem: refusal ?? new Problem(ApiKeyProblems.invalid), caller };
    if (scope !== null && key.row.organization_id !== scope) return { problem: foreign(), caller: unknownCaller };
    if (refusal !== undefined) return { problem: refusal, key, caller };
    const missing = wanted.filter((permission) => !holds(key, permission));
    if (missing.length > 0) return { problem: lacking(missing), key, caller, missing };
    return { problem: await this.limits.consume(key.identity), key, caller };
  }
}

function lacking(missing: readonly string[]): Problem {
  return new Problem(AccessProblems.missing, { detail: `The key lacks ${missing.join(', ')}.` });
}

/** The secret was right, so it is no guess at the key; but it is no key for this asker. */
function foreign(): Problem {
  return new Problem(ApiKeyProblems.invalid, { reason: `${ApiKeyProblems.invalid.code}: another organization` });
}

/** A service may ask for permissions that only it knows; they are then matched against the grants. */
function holds({ identity }: VerifiedKey, wanted: string): boolean {
  return (
    identity.permissions.has(wanted) || (covers(identity.ownerGrants, wanted) && covers(identity.keyGrants, wanted))
  );
}

function viewOf({ problem, key, missing = [] }: Verdict): VerificationView {
  return Object.assign(new VerificationView(), {
    valid: problem === undefined,
    code: problem?.code ?? 'valid',
    detail: problem?.message ?? null,
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
