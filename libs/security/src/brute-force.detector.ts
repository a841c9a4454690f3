import { Injectable } from '@nestjs/common';
import type { Rate } from '#libs/config';
import { addressGroup } from './address-group.js';
import { MemoryHitCounter } from './memory-hit.counter.js';
import { SecurityConfig } from './security.config.js';
import { type Detection, type Detector, type ExaminedCall, SecurityDetector } from './security-detector.js';

/** What a well-formed key is told that is unknown or has a wrong secret; part of the contract. */
const GUESSED = 'api_key.invalid';

/**
 * Many wrong secrets for one key, or from one address. It raises an event and locks nobody: whoever knows the id of a key
 * would otherwise be able to lock its holder out. Each process counts what it sees itself.
 */
@SecurityDetector()
@Injectable()
export class BruteForceDetector implements Detector {
  readonly name = 'brute-force';
  private readonly guesses = new MemoryHitCounter();

  constructor(private readonly config: SecurityConfig) {}

  examine({ problem, caller, call }: ExaminedCall): readonly Detection[] | undefined {
    const rate = this.config.guessAlarm;
    if (rate === undefined || problem?.code !== GUESSED) return undefined;
    const source = addressGroup(call.clientAddress);
    const detections: Detection[] = [];
    if (this.isOneTooMany(`address ${source}`, rate)) {
      detections.push({
        subject: `address ${source}`,
        severity: 'medium',
        title: 'Many wrong keys from one address',
        summary: `More than ${rate.limit} well-formed keys that are wrong came from ${source} within ${rate.windowSeconds} s. Nobody was locked.`,
        address: call.clientAddress,
        details: { guesses: rate.limit + 1, windowSeconds: rate.windowSeconds },
      });
    }
    if (caller.keyId !== null && this.isOneTooMany(`key ${caller.keyId}`, rate)) {
      detections.push({
        subject: `key ${caller.keyId}`,
        severity: 'high',
        title: 'Many wrong secrets for one key',
        summary: `More than ${rate.limit} wrong secrets were tried for the key ${caller.keyId} within ${rate.windowSeconds} s, the last from ${call.clientAddress}. The key works on for whoever holds it.`,
        keyId: caller.keyId,
        userId: caller.userId,
        organizationId: caller.organizationId,
        address: call.clientAddress,
        details: { guesses: rate.limit + 1, windowSeconds: rate.windowSeconds },
      });
    }
    return detections;
  }

  private isOneTooMany(name: string, rate: Rate): boolean {
    return this.guesses.hit(name, rate).hits > rate.limit;
  }
}
