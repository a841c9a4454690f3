import { AccessProblems, type Principal, unbounded } from '#libs/access';
import { Problem } from '#libs/http';
import type { ApiKey } from './api-key.entity.js';
import type { IssueApiKeyRequest } from './api-keys.dto.js';
import { keyExpiry } from './key-expiry.js';
import type { KeyRules } from './key-rules.js';

/** What holds a key back beside its grants. */
export type KeyBounds = Pick<ApiKey, 'expiresAt' | 'allowedAddresses' | 'rateLimit' | 'quota'>;

/**
 * What the key that a principal presents hands on to other keys of the same owner: whoever holds a key that ends, that
 * works from one place or that may make so many calls cannot make another that does not. A rate is counted for each key
 * and not handed on; nor is anything to keys of other owners, which are bounded by who manages them.
 */
export function inheritedBounds({ identity, userId }: Principal, ownerId: string): KeyBounds {
  const { expiresAt, allowedAddresses, quota } = userId === ownerId ? identity : unbounded;
  return { expiresAt, allowedAddresses: [...allowedAddresses], quota, rateLimit: null };
}

/**
 * What holds a new key of `ownerId` back: what is asked for, and else what the caller's key hands on and the rules give.
 * @throws Problem request.invalid, permission.escalation when it would be less than the caller's key hands on
 */
export function boundsOfNewKey(
  principal: Principal,
  ownerId: string,
  request: Pick<IssueApiKeyRequest, 'expiresAt' | 'expiresInDays' | 'allowedAddresses' | 'rateLimit' | 'quota'>,
  rules: KeyRules,
  now: Date,
): KeyBounds {
  const isExpirySaid = request.expiresAt !== undefined || request.expiresInDays !== undefined;
  const inherited = inheritedBounds(principal, ownerId);
  const bounds = {
    allowedAddresses: request.allowedAddresses ?? inherited.allowedAddresses,
    rateLimit: request.rateLimit ?? null,
    quota: request.quota === undefined ? inherited.quota : request.quota,
    expiresAt: isExpirySaid ? keyExpiry(request, now) : sooner(inherited.expiresAt, rules.defaultExpiry(now)),
  };
  assertBoundAsMuch(inherited, bounds);
  return bounds;
}

/** The earlier of two times, of which null is never. */
function sooner(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

/** What the key that a principal presents may not be freed from by itself. */
export function ownBounds({ identity, keyId }: Principal, changed: ApiKey): KeyBounds {
  const { expiresAt, allowedAddresses, quota, rateLimit } = keyId === changed.id ? identity : unbounded;
  return { expiresAt, allowedAddresses: [...allowedAddresses], quota, rateLimit };
}

/** @throws Problem permission.escalation naming in what `bounds` are weaker than `own` */
export function assertBoundAsMuch(own: KeyBounds, bounds: KeyBounds): void {
  const weaker = weakerBounds(own, bounds);
  if (weaker.length === 0) return;
  throw new Problem(AccessProblems.escalation, {
    detail: `The key that you present is bounded more in ${weaker.join(' and ')}.`,
    members: { weaker },
  });
}

function weakerBounds(own: KeyBounds, bounds: KeyBounds): string[] {
  const weaker: string[] = [];
  if (own.expiresAt !== null && (bounds.expiresAt === null || bounds.expiresAt > own.expiresAt))
    weaker.push('expiresAt');
  const { allowedAddresses } = own;
  const isListed = bounds.allowedAddresses.every((address) => allowedAddresses.includes(address));
  if (allowedAddresses.length > 0 && (bounds.allowedAddresses.length === 0 || !isListed))
    weaker.push('allowedAddresses');
  if (own.rateLimit !== null && (bounds.rateLimit === null || perSecond(bounds.rateLimit) > perSecond(own.rateLimit))) {
    weaker.push('rateLimit');
  }
  const isQuotaKept =
    bounds.quota?.period === own.quota?.period && (bounds.quota?.limit ?? 0) <= (own.quota?.limit ?? 0);
  if (own.quota !== null && !isQuotaKept) weaker.push('quota');
  return weaker;
}

function perSecond({ limit, windowSeconds }: { limit: number; windowSeconds: number }): number {
  return limit / windowSeconds;
}
