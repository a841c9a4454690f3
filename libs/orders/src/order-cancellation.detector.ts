import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { type Detection, type Detector, type ExaminedCall, SecurityDetector } from '#libs/security';

const CANCEL_ROUTE = '/api/v1/orders/:id/cancel';
const ALLOWED = 20;
const WINDOW_MS = 60_000;
/** Beyond this many keys the one that cancelled longest ago is forgotten. */
const MAX_KEYS = 10_000;

/** Many cancellations with one key in a short time: a script gone wrong, or a stolen key. */
@SecurityDetector()
@Injectable()
export class OrderCancellationDetector implements Detector {
  readonly name = 'order-cancellations';
  readonly hears = 'all';
  private readonly byKey = new LRUCache<string, { calls: number; endsAt: number }>({ max: MAX_KEYS });

  examine({ outcome, caller, call }: ExaminedCall): Detection | undefined {
    const { keyId, userId, organizationId } = caller;
    if (outcome !== 'admitted' || keyId === null || call.method !== 'POST' || call.route !== CANCEL_ROUTE)
      return undefined;
    if (this.count(keyId, call.startedAt) <= ALLOWED) return undefined;
    return {
      subject: `key ${keyId}`,
      severity: 'medium',
      title: 'Many orders are cancelled with one key',
      summary: `More than ${ALLOWED} cancellations were asked for with the key ${keyId} within ${WINDOW_MS / 1000} s.`,
      keyId,
      userId,
      organizationId,
      address: call.clientAddress,
      details: { allowed: ALLOWED, windowSeconds: WINDOW_MS / 1000 },
    };
  }

  /** How many cancellations the key has asked for in the current window; `now` is monotonic. */
  private count(keyId: string, now: number): number {
    const window = this.byKey.get(keyId);
    if (window !== undefined && window.endsAt > now) return (window.calls += 1);
    this.byKey.set(keyId, { calls: 1, endsAt: now + WINDOW_MS });
    return 1;
  }
}
