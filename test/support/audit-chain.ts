import pg from 'pg';
import { SecretKeys } from '#libs/secrets';
import { ChainKeys } from '../../libs/audit/src/chain/chain-keys.js';
import type { Ask } from '../../libs/audit/src/chain/stored-events.js';
import { type StoredVerification, verifyStored } from '../../libs/audit/src/chain/verification.js';

/** The keys of an installation with the secret of the tests. */
export function chainKeys(): ChainKeys {
  return new ChainKeys(new SecretKeys({ current: process.env.SECRET_KEY ?? '', previous: undefined }));
}

export const asking =
  (client: pg.Client | pg.Pool): Ask =>
  async (sql, values) =>
    (await client.query(sql, values)).rows;

/** Verifies the whole table, with MACs. */
export function verifyTable(client: pg.Client | pg.Pool): Promise<StoredVerification> {
  return verifyStored(asking(client), { keys: chainKeys() });
}
