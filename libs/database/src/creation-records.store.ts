import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CreationRecords, Problem, type RecordedCreation, type RepeatableRequest, RequestProblems } from '#libs/http';
import { SecretKeys } from '#libs/secrets';
import { Database } from './database.js';

const PURPOSE = 'idempotency';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** More than one creation brings in, so that what has expired dwindles without a job of its own. */
const PURGED_AT_ONCE = 20;

const isFree = 'select pg_try_advisory_xact_lock($1) as free';
const find = `select sealed from idempotency_records where identity = $1 and created_at > now() - interval '24 hours'`;
const keep = `
  insert into idempotency_records (identity, sealed) values ($1, $2)
  on conflict (identity) do update set sealed = excluded.sealed, created_at = excluded.created_at`;
const purge = `
  delete from idempotency_records where identity in (
    select identity from idempotency_records where created_at <= now() - interval '24 hours'
    order by created_at limit $1 for update skip locked)`;

/**
 * Creations on record, sealed under the Idempotency-Key and the content of their requests: neither the server nor a dump
 * of the table reveals an answer, only the same request does. That also tells whether a request is the same.
 */
@Injectable()
export class CreationRecordsStore extends CreationRecords {
  constructor(
    private readonly database: Database,
    private readonly secrets: SecretKeys,
  ) {
    super();
  }

  override async once(
    request: RepeatableRequest,
    create: () => Promise<RecordedCreation>,
  ): Promise<RecordedCreation | undefined> {
    const earlier = await this.find(request);
    if (earlier !== undefined) return earlier;
    return this.database.transaction(async () => {
      await this.assertAlone(request);
      // asked again: a statement that is younger than the lock sees what its last holder has committed
      const meanwhile = await this.find(request);
      if (meanwhile !== undefined) return meanwhile;
      const sealed = this.seal(request, await create());
      await this.database.query(keep, [request.identity, sealed]);
      await this.database.query(purge, [PURGED_AT_ONCE]);
      return undefined;
    });
  }

  private async find(request: RepeatableRequest): Promise<RecordedCreation | undefined> {
    const [record] = await this.database.query<{ sealed: Buffer }>(find, [request.identity]);
    return record === undefined ? undefined : this.open(request, record.sealed);
  }

  /** A lock that waits for nobody, and that ends with the transaction even when this process is killed. */
  private async assertAlone({ identity }: RepeatableRequest): Promise<void> {
    const [row] = await this.database.query<{ free: boolean }>(isFree, [identity.readBigInt64BE().toString()]);
    if (row?.free !== true) throw new Problem(RequestProblems.idempotencyInProgress, { retryAfter: 1 });
  }

  private seal({ content }: RepeatableRequest, creation: RecordedCreation): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, sealingKey(this.secrets.current(PURPOSE).key, content), nonce);
    const text = Buffer.concat([cipher.update(JSON.stringify(creation)), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), text]);
  }

  /** @throws Problem request.idempotency_mismatch: what another request sealed stays closed */
  private open({ content }: RepeatableRequest, sealed: Buffer): RecordedCreation {
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
    for (const { key } of this.secrets.accepted(PURPOSE)) {
      const decipher = createDecipheriv(CIPHER, sealingKey(key, content), nonce).setAuthTag(tag);
      try {
        const text = [decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
        return JSON.parse(Buffer.concat(text).toString());
      } catch {
        continue; // sealed under the other version of the secret, or by another request
      }
    }
    throw new Problem(RequestProblems.idempotencyMismatch);
  }
}

function sealingKey(key: Buffer, content: Buffer): Buffer {
  return createHmac('sha256', key).update(content).digest();
}
