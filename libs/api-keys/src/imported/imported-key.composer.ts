import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { uuidV7 } from '#libs/http';
import { ApiKey } from '../api-key.entity.js';
import type { KeyOwner } from '../api-key.issuer.js';
import { boundsOfNewKey } from '../key-bounds.js';
import { KeyGrants } from '../key-grants.js';
import { KeyMint } from '../key-mint.js';
import { KeyPolicyEnforcement } from '../key-policy.enforcement.js';
import type { KeyRules } from '../key-rules.js';
import type { ImportedKeyRow } from './import-keys.dto.js';

/** What was read for the keys of this transaction, so that it is read once. */
export interface ReadForKeys {
  /** Policies by organization and environment. */
  readonly rules: Map<string, KeyRules>;
  /** What a key may be granted, by its owner and what was asked for. */
  readonly grants: Map<string, readonly string[]>;
}

/** Makes the key of a row, under the rules that hold when one is issued. */
@Injectable()
export class ImportedKeyComposer {
  constructor(
    private readonly mint: KeyMint,
    private readonly grants: KeyGrants,
    private readonly policies: KeyPolicyEnforcement,
  ) {}

  /** @throws Problem permission.unknown, permission.escalation, policy.violated, request.invalid */
  async compose(
    principal: Principal,
    { id: ownerId, organizationId }: KeyOwner,
    row: ImportedKeyRow,
    now: Date,
    read: ReadForKeys,
  ): Promise<{ key: ApiKey; rules: KeyRules }> {
    const environment = this.mint.environment(row.environment);
    const place = `${organizationId} ${environment}`;
    const rules = read.rules.get(place) ?? (await this.policies.rulesFor(principal, { organizationId, environment }));
    read.rules.set(place, rules);
    const key = Object.assign(new ApiKey(), {
      id: uuidV7(),
      organizationId,
      ownerId,
      name: row.name ?? 'imported',
      description: row.description ?? null,
      environment,
      start: row.lookup ?? 'imported',
      secretHash: null,
      pepperVersion: null,
      grants: [...(await this.grantsFor(principal, ownerId, row.permissions, read))],
      ...boundsOfNewKey(principal, ownerId, row, rules, now),
      metadata: row.metadata ?? {},
      tags: row.tags ?? [],
      disabledAt: null,
      revokedAt: null,
      revocationReason: null,
      rotatedFrom: null,
      limitSubject: null,
      lastUsedAt: null,
      version: 1,
      createdAt: now,
      updatedAt: now,
    });
    rules.assertAllow(key);
    return { key, rules };
  }

  /** Whoever holds everything everywhere hands nothing out that they lack: what the owner holds need not be read. */
  private async grantsFor(
    principal: Principal,
    ownerId: string,
    asked: readonly string[] | undefined,
    read: ReadForKeys,
  ): Promise<readonly string[]> {
    if (principal.scope !== null || !principal.holds('*')) {
      const wish = JSON.stringify([ownerId, asked]);
      const grants = read.grants.get(wish) ?? (await this.grants.forNewKey(principal, ownerId, asked));
      read.grants.set(wish, grants);
      return grants;
    }
    return asked === undefined ? [...principal.identity.keyGrants] : this.grants.chosen(principal, asked);
  }
}
