import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database } from '#libs/database';
import { Problem, RequestProblems } from '#libs/http';
import { conditionsOf } from './audit-conditions.js';
import { type AuditVerificationQuery, AuditVerificationView } from './audit.dto.js';
import { ChainKeys } from './chain/chain-keys.js';
import type { ChainPoint } from './chain/chained-event.js';
import { type Ask, chainHead } from './chain/stored-events.js';
import { type StoredVerification, verifyStored } from './chain/verification.js';

/** Rows between two looks at the clock. */
const SLICE = 1000;
/** After this an answer goes, or it would come too late to be recorded as one that was in time. */
const ENOUGH_MS = 700;

/** Verifies the stored chain, with the MACs that only this installation can make. */
@Injectable()
export class AuditVerification {
  private readonly ask: Ask = (sql, values) => this.database.query(sql, values);

  constructor(
    private readonly database: Database,
    private readonly keys: ChainKeys,
  ) {}

  /** As many rows as the caller wants, or as an answer has time for. */
  async verify(principal: Principal, { after, limit }: AuditVerificationQuery): Promise<AuditVerificationView> {
    const startedAt = performance.now();
    const begin = after ?? (await chainHead(this.ask)).base.position;
    let found = await this.slice(principal, after, begin + Math.min(limit, SLICE));
    let { events, unknownMacs } = found;
    while (found.fault === null && found.to.position < Math.min(begin + limit, found.head.position)) {
      if (performance.now() - startedAt > ENOUGH_MS) break;
      const { position } = found.to;
      found = await this.slice(principal, position, Math.min(begin + limit, position + SLICE));
      events += found.events;
      unknownMacs += found.unknownMacs;
    }
    return AuditVerificationView.of({ ...found, events, unknownMacs }, this.keys.publicKey);
  }

  private async slice(principal: Principal, after: number | undefined, until: number): Promise<StoredVerification> {
    const start = after === undefined ? undefined : await this.placeAt(after);
    const partial = principal.scope !== null;
    const part = { after: start, until, conditions: conditionsOf(principal, {}) };
    const evidence = { keys: this.keys, publicKeys: this.keys.publicKeys, partial };
    const found = await this.verifyUnmoved(evidence, part);
    if (!partial || found.fault !== null) return found;
    // the walk ended at the last row of the organization, but has looked at everything up to there
    return { ...found, to: { ...found.to, position: Math.min(until, found.head.position) } };
  }

  /** Rows that are archived in the meantime are no fault. */
  private async verifyUnmoved(...given: [Evidence, Part]): Promise<StoredVerification> {
    const found = await verifyStored(this.ask, ...given);
    if (found.fault === null) return found;
    const { base } = await chainHead(this.ask);
    return base.position === found.head.base.position ? found : verifyStored(this.ask, ...given);
  }

  private async placeAt(position: number): Promise<ChainPoint> {
    const { base } = await chainHead(this.ask);
    if (position === base.position) return base;
    const [row] = await this.ask<{ hash: string }>(
      `select encode(hash, 'hex') as hash from audit_events where position = $1`,
      [position],
    );
    if (row !== undefined) return { position, hash: row.hash };
    throw new Problem(RequestProblems.invalidCursor, {
      errors: [{ pointer: '/after', detail: 'must be `next` of the previous answer' }],
    });
  }
}

type Evidence = Parameters<typeof verifyStored>[1];
type Part = NonNullable<Parameters<typeof verifyStored>[2]>;
