import { Injectable } from '@nestjs/common';
import type { Rate } from '#libs/config';
import { addressGroup } from './address-group.js';
import { MemoryHitCounter } from './memory-hit.counter.js';
import { SecurityConfig } from './security.config.js';
import { type Detection, type Detector, type ExaminedCall, SecurityDetector } from './security-detector.js';

/** What a well-formed key is told that is unknown or has a wrong secret; part of the contract. */
const GUESSED = 'api_key.invalid';

/**
 * Many wrong secrets for one key, from one address, or at one service that has keys judged. It raises an event and locks nobody: whoever knows the id of a key
 * would otherwise be able to lock its holder out. Each process counts what it sees itself.
 */
@SecurityDetector()
@Injectable()
export class BruteForceDetector implements Detector {
  readonly name = 'brute-force';
  private readonly guesses = new MemoryHitCounter();

  constructor(private readonly config: SecurityConfig) {}

  examine(examined: ExaminedCall): readonly Detection[] | undefined {
    const rate = this.config.guessAlarm;
    if (rate === undefined || examined.problem?.code !== GUESSED) return undefined;
    return [this.fromOneSource(examined, rate), this.atOneKey(examined, rate)].filter((found) => found !== undefined);
  }

  /** A service is the source of what it has judged: many guessers may stand at its door, and none at its address. */
  private fromOneSource({ asker, address, call }: ExaminedCall, rate: Rate): Detection | undefined {
    const details = { guesses: rate.limit + 1, windowSeconds: rate.windowSeconds };
    if (asker !== null) {
      const { keyId, userId, organizationId } = asker;
      const subject = `asker ${keyId ?? userId}`;
      if (!this.isOneTooMany('asker', keyId ?? userId ?? '', rate)) return undefined;
      return {
        subject,
        severity: 'medium',
        title: 'Many wrong keys at one service',
        summary: `More than ${rate.limit} well-formed keys that are wrong were judged within ${rate.windowSeconds} s for the service with the key ${keyId}${presented(address)}. Nobody was locked.`,
        keyId,
        userId,
        organizationId,
        address,
        details,
      };
    }
    const source = addressGroup(call.clientAddress);
    if (!this.isOneTooMany('address', source, rate)) return undefined;
    return {
      subject: `address ${source}`,
      severity: 'medium',
      title: 'Many wrong keys from one address',
      summary: `More than ${rate.limit} well-formed keys that are wrong came from ${source} within ${rate.windowSeconds} s. Nobody was locked.`,
      address,
      details,
    };
  }

  /** Wherever they were tried. Which service was asked is not told: it may belong to another organization. */
  private atOneKey({ caller, address, asker }: ExaminedCall, rate: Rate): Detection | undefined {
    const { keyId, userId, organizationId } = caller;
    if (keyId === null || !this.isOneTooMany('key', keyId, rate)) return undefined;
    const last = `${asker === null ? '' : ' at another service'}${presented(address)}`;
    return {
      subject: `key ${keyId}`,
      severity: 'high',
      title: 'Many wrong secrets for one key',
      summary: `More than ${rate.limit} wrong secrets were tried for the key ${keyId} within ${rate.windowSeconds} s, the last${last}. The key works on for whoever holds it.`,
      keyId,
      userId,
      organizationId,
      address,
      details: { guesses: rate.limit + 1, windowSeconds: rate.windowSeconds },
    };
  }

  private isOneTooMany(scope: string, subject: string, rate: Rate): boolean {
    return this.guesses.hit(scope, subject, rate).hits > rate.limit;
  }
}

function presented(address: string | null): string {
  return address === null ? '' : ` from ${address}`;
}
