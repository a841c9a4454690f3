import { Injectable } from '@nestjs/common';
import { Database, PreparedSql, type PreparedStatement } from '#libs/database';
import type { SecretHash } from '../secret-hasher.js';

/** How many keys that were not used yet may share a lookup: so many salted hashes a wrong guess costs at the most. */
export const MAX_CANDIDATES = 4;
export const LOOKUP_LENGTHS = { min: 8, max: 32 } as const;

/** A key that the one presented may be. */
export interface Candidate {
  readonly id: string;
  readonly locator: Buffer | null;
  /** The salted hash to try; null when the locator has found the key, which proves it. */
  readonly form: string | null;
}

/** An imported key as it is stored beside its row in api_keys. */
export interface NewImportedKey {
  readonly api_key_id: string;
  readonly scheme: string;
  /** Bytes in hex. */
  readonly identity: string;
  readonly locator: string | null;
  readonly lookup: string | null;
  readonly form: string | null;
}

const candidates: PreparedStatement = {
  name: 'keyward_find_imported_key',
  text: `
    select api_key_id as id, locator, null as form from imported_keys where locator = any ($1::bytea[])
    union all
    (select api_key_id, null, form from imported_keys where lookup = any ($2::text[]) order by api_key_id limit ${MAX_CANDIDATES})`,
};

/** Questions put to the table `imported_keys`. */
@Injectable()
export class ImportedKeyRepository {
  constructor(
    private readonly database: Database,
    private readonly sql: PreparedSql,
  ) {}

  candidates(locators: readonly Buffer[], lookups: readonly string[]): Promise<Candidate[]> {
    return this.sql.rows<Candidate & Record<string, unknown>>(candidates, [locators, lookups]);
  }

  /**
   * Turns the key into one that is found and proved as those of this installation are: one statement, so that of any
   * number of first uses at once one does it and none sees half of it.
   */
  async rehash(id: string, native: Buffer, { hash, pepperVersion }: SecretHash): Promise<void> {
    await this.database.query(
      `with proved as (
         update imported_keys set locator = $2, lookup = null, form = null, rehashed_at = now()
         where api_key_id = $1 and rehashed_at is null
           and not exists (select from imported_keys other where other.locator = $2)
         returning api_key_id)
       update api_keys set secret_hash = $3, pepper_version = $4 where id in (select api_key_id from proved)`,
      [id, native, hash, pepperVersion],
    );
  }

  /** Whose the hashes are that are there already, by identity in hex. */
  async ownersOf(identities: readonly string[]): Promise<Map<string, { keyId: string; ownerId: string }>> {
    const rows = await this.database.query<{ identity: string; keyId: string; ownerId: string }>(
      `select encode(i.identity, 'hex') as identity, k.id as "keyId", k.owner_id as "ownerId"
       from imported_keys i join api_keys k on k.id = i.api_key_id
       where i.identity = any (select decode(hex, 'hex') from unnest($1::text[]) hex)`,
      [identities],
    );
    return new Map(rows.map(({ identity, ...owner }) => [identity, owner]));
  }

  /** For each lookup, how many keys not used yet have one that begins with it or that it begins with; counted to MAX_CANDIDATES. */
  async sharing(lookups: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.query<{ lookup: string; sharing: number }>(
      `select asked.lookup, (shorter.keys + longer.keys)::int as sharing
       from unnest($1::text[]) asked (lookup)
       cross join lateral (
         select count(*) as keys from generate_series($2::int, length(asked.lookup) - 1) n
         join imported_keys i on i.lookup = left(asked.lookup, n)) shorter
       cross join lateral (
         select count(*) as keys from (
           select from imported_keys i
           where i.lookup >= asked.lookup collate "C" and i.lookup < (asked.lookup || chr(127)) collate "C"
           limit $3) found) longer`,
      [lookups, LOOKUP_LENGTHS.min, MAX_CANDIDATES],
    );
    return new Map(rows.map(({ lookup, sharing }) => [lookup, sharing]));
  }

  async insert(keys: readonly NewImportedKey[]): Promise<void> {
    await this.database.query(
      `insert into imported_keys (api_key_id, scheme, identity, locator, lookup, form)
       select api_key_id, scheme, decode(identity, 'hex'), decode(locator, 'hex'), lookup, form
       from jsonb_to_recordset($1::jsonb)
         as given (api_key_id uuid, scheme text, identity text, locator text, lookup text, form text)`,
      [JSON.stringify(keys)],
    );
  }
}
