import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database, rowBatches } from '#libs/database';
import { ApiKeysConfig } from '../api-keys.config.js';
import type { RowOutcome } from './import-keys.dto.js';
import { ImportedBatch } from './imported-batch.js';
import { ImportedKeys } from './imported-keys.js';
import { refused, type SoundRow, soundRow, type SourceRow } from './imported-row.js';

/** Carries what a dry run found out of the transaction that it undoes. */
class DryRunEnded extends Error {
  constructor(readonly outcomes: RowOutcome[]) {
    super('The dry run is over.');
  }
}

/** Takes keys in that were hashed elsewhere. */
@Injectable()
export class KeyImporter {
  constructor(
    private readonly database: Database,
    private readonly batch: ImportedBatch,
    private readonly imported: ImportedKeys,
    private readonly config: ApiKeysConfig,
  ) {}

  /**
   * Imports rows, a batch to a transaction; what becomes of each is told in their order. A row that is refused does not
   * keep the others out, and the same rows again change nothing. `dryRun`: the same, and every transaction is undone.
   */
  async *import(
    principal: Principal,
    rows: AsyncIterable<SourceRow> | Iterable<SourceRow>,
    dryRun: boolean,
  ): AsyncGenerator<RowOutcome> {
    for await (const batch of rowBatches(rows)) yield* await this.importBatch(principal, batch, dryRun);
  }

  private async importBatch(principal: Principal, rows: readonly SourceRow[], dryRun: boolean): Promise<RowOutcome[]> {
    const outcomes: RowOutcome[] = [];
    const sound: SoundRow[] = [];
    for (const row of rows) {
      try {
        sound.push(await soundRow(row, this.config.prefix));
      } catch (error) {
        outcomes.push(refused(row.line, error));
      }
    }
    if (sound.length > 0) outcomes.push(...(await this.store(principal, sound, dryRun)));
    return outcomes.toSorted((a, b) => a.line - b.line);
  }

  private async store(principal: Principal, rows: readonly SoundRow[], dryRun: boolean): Promise<RowOutcome[]> {
    try {
      const outcomes = await this.database.transaction(async () => {
        const found = await this.batch.store(principal, rows);
        if (dryRun) throw new DryRunEnded(found);
        return found;
      });
      await this.imported.refresh();
      return outcomes;
    } catch (error) {
      if (!(error instanceof DryRunEnded)) throw error;
      return error.outcomes.map(({ line, outcome, problem }) => ({ line, outcome, keyId: null, problem }));
    }
  }
}
