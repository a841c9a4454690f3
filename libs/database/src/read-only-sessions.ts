import type pg from 'pg';
import { ImpatientClient } from './impatient-client.js';

/**
 * Ends every idle session of `pool` when one may not write: those of the same time may not either, and each would fail one
 * more call after the database may be written again.
 */
export function distrustReadOnly(pool: pg.Pool): void {
  let ending = 0;
  const endOne = async (): Promise<void> => {
    try {
      (await pool.connect()).release(true);
    } catch {
      // there is none left to end, or the pool is closing
    } finally {
      ending -= 1;
    }
  };
  const endIdle = (): void => {
    if (ending > 0) return; // whoever failed at the same time counted the same ones
    ending = pool.idleCount;
    for (let asked = ending; asked > 0; asked -= 1) void endOne();
  };
  pool.on('acquire', (client) => {
    if (client instanceof ImpatientClient) client.onReadOnly = endIdle;
  });
}
