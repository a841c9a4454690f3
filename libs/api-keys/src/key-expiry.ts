import { invalid } from '#libs/http';

const DAY_MS = 86_400_000;

/** When a key shall expire; null for never. @throws Problem request.invalid when both are given, or the time has passed */
export function keyExpiry(request: { expiresAt?: string | null; expiresInDays?: number }, now: Date): Date | null {
  const { expiresAt, expiresInDays } = request;
  if (expiresInDays !== undefined) {
    if (expiresAt != null)
      throw invalid([{ pointer: '/expiresInDays', detail: 'must be absent when expiresAt is given' }]);
    return new Date(now.getTime() + expiresInDays * DAY_MS);
  }
  if (expiresAt == null) return null;
  const expiry = new Date(expiresAt);
  if (!(expiry > now)) throw invalid([{ pointer: '/expiresAt', detail: 'must be in the future' }]);
  return expiry;
}
