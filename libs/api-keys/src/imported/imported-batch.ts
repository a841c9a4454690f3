import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { AuditLog } from '#libs/audit';
import { Database } from '#libs/database';
import { uuidV7 } from '#libs/http';
import type { ApiKey } from '../api-key.entity.js';
import { ApiKeyRepository } from '../api-key.repository.js';
import { KeyPolicyEnforcement } from '../key-policy.enforcement.js';
import type { KeyRoom } from '../key-room.js';
import { BatchFactsReader, legacyHashOf } from './batch-facts.reader.js';
import type { BatchFacts } from './batch-facts.js';
import type { RowOutcome } from './import-keys.dto.js';
import { ImportSecrets } from './import-secrets.js';
import type { ImportedHash } from './imported-hash.js';
import { ImportedKeyComposer, type ReadForKeys } from './imported-key.composer.js';
import { ImportedKeyRepository, type NewImportedKey } from './imported-key.repository.js';
import { refused, type SoundRow } from './imported-row.js';
import type { KeyLocators } from './key-locators.js';

/** A key, and what finds and proves it until its first use. */
interface NewKey {
  readonly key: ApiKey;
  readonly imported: NewImportedKey;
}

/** What a batch has come to so far. */
interface Progress {
  readonly locators: KeyLocators;
  readonly facts: BatchFacts;
  readonly read: ReadForKeys;
  readonly room: KeyRoom;
  readonly now: Date;
  readonly admitted: Set<string>;
  /** Not stored yet: they are in one statement at the end. */
  readonly pending: NewKey[];
}

/** Stores the rows of one transaction, together with the events that the audit log keeps of them. */
@Injectable()
export class ImportedBatch {
  constructor(
    private readonly database: Database,
    private readonly secrets: ImportSecrets,
    private readonly reader: BatchFactsReader,
    private readonly composer: ImportedKeyComposer,
    private readonly policies: KeyPolicyEnforcement,
    private readonly keys: ApiKeyRepository,
    private readonly imported: ImportedKeyRepository,
    private readonly audit: AuditLog,
  ) {}

  /** Call it in a transaction; one import at a time gets past its first line, so that what it has read stays true. */
  async store(principal: Principal, rows: readonly SoundRow[]): Promise<RowOutcome[]> {
    await this.database.serialize('import of keys');
    const locators = await this.secrets.begin();
    const facts = await this.reader.read(principal, rows, locators);
    const now = await this.database.time();
    const read = { rules: new Map(), grants: new Map() };
    const room = this.policies.room();
    const progress = { locators, facts, now, read, room, admitted: new Set<string>(), pending: [] };
    const outcomes: RowOutcome[] = [];
    for (const row of rows) {
      try {
        outcomes.push(await this.take(principal, row, progress));
      } catch (error) {
        outcomes.push(refused(row.line, error));
      }
    }
    await this.insert(progress.pending);
    await this.record(
      principal,
      progress.pending.map(({ key }) => key),
    );
    return outcomes;
  }

  private async take(principal: Principal, { line, row, hash }: SoundRow, progress: Progress): Promise<RowOutcome> {
    const { facts, locators, now, read, room } = progress;
    const owner = facts.owner(row);
    const identity = locators.identity(hash).toString('hex');
    const standing = facts.standing(identity, legacyHashOf(hash), owner);
    if (standing !== undefined) return { line, outcome: 'exists', keyId: standing, problem: null };
    const isSalted = 'form' in hash;
    if (isSalted) facts.assertLookupFree(principal, hash.lookup);
    const { key, rules } = await this.composer.compose(principal, owner, row, now, read);
    await room.assertFree(rules, key);
    if (!isSalted) await this.admit(principal, hash, progress); // last: a row that fails leaves no secret behind
    room.take(rules, key);
    const found = isSalted
      ? { locator: null, lookup: hash.lookup, form: hash.form.text }
      : { locator: identity, lookup: null, form: null };
    progress.pending.push({ key, imported: { api_key_id: key.id, scheme: row.scheme, identity, ...found } });
    facts.add(identity, found.lookup ?? undefined, { keyId: key.id, ownerId: owner.id });
    return { line, outcome: 'created', keyId: key.id, problem: null };
  }

  private async admit(principal: Principal, hash: ImportedHash, { locators, admitted }: Progress): Promise<void> {
    if (!('recipe' in hash) || hash.recipe.scheme !== 'hmac-sha256') return;
    const { secret } = hash.recipe;
    const name = secret.toString('hex');
    if (!admitted.has(name)) await this.secrets.admit(principal, locators, secret);
    admitted.add(name);
  }

  private async insert(keys: readonly NewKey[]): Promise<void> {
    if (keys.length === 0) return;
    await this.keys.insertAll(keys.map(({ key }) => key));
    await this.imported.insert(keys.map(({ imported }) => imported));
  }

  /** One event for each organization, which names every key, whose it is and what it may do. */
  private async record(principal: Principal, keys: readonly ApiKey[]): Promise<void> {
    for (const organizationId of new Set(keys.map((key) => key.organizationId))) {
      const ofOrganization = keys.filter((key) => key.organizationId === organizationId);
      await this.audit.record({
        actor: principal,
        action: 'api_key.imported',
        target: { type: 'api_key_import', id: uuidV7() },
        organizationId,
        after: {
          keys: ofOrganization.map(({ id, ownerId, environment, grants, expiresAt }) => ({
            id,
            ownerId,
            environment,
            grants,
            expiresAt,
          })),
        },
      });
    }
  }
}
