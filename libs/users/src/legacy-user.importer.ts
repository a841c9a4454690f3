import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database, rowBatches } from '#libs/database';
import { RowProblem } from '#libs/http';
import { LegacyUserBatch } from './legacy-user.batch.js';
import { type LegacyUserOutcome, legacyUserRow, type SoundLegacyUser } from './legacy-user.row.js';

/** A row as it was read, or the Problem that came of reading it. */
interface SourceRow {
  readonly line: number;
  readonly value: unknown;
}

class DryRunEnded extends Error {
  constructor(readonly outcomes: readonly LegacyUserOutcome[]) {
    super('The dry run is over.');
  }
}

/** Takes in the users of another system with their keys, which go on working as legacy keys. For the command line. */
@Injectable()
export class LegacyUserImporter {
  constructor(
    private readonly database: Database,
    private readonly batch: LegacyUserBatch,
  ) {}

  /** Like the import of keys: in batches, each row judged by itself, the same again changes nothing. */
  async *import(
    principal: Principal,
    rows: AsyncIterable<SourceRow>,
    dryRun: boolean,
  ): AsyncGenerator<LegacyUserOutcome> {
    for await (const batch of rowBatches(rows)) yield* await this.importBatch(principal, batch, dryRun);
  }

  private async importBatch(
    principal: Principal,
    rows: readonly SourceRow[],
    dryRun: boolean,
  ): Promise<LegacyUserOutcome[]> {
    const outcomes: LegacyUserOutcome[] = [];
    const sound: SoundLegacyUser[] = [];
    for (const { line, value } of rows) {
      try {
        sound.push({ line, row: await legacyUserRow(value) });
      } catch (error) {
        outcomes.push({ line, outcome: 'failed', userId: null, problem: RowProblem.of(error) });
      }
    }
    if (sound.length > 0) outcomes.push(...(await this.store(principal, sound, dryRun)));
    return outcomes.toSorted((a, b) => a.line - b.line);
  }

  private async store(
    principal: Principal,
    rows: readonly SoundLegacyUser[],
    dryRun: boolean,
  ): Promise<readonly LegacyUserOutcome[]> {
    try {
      return await this.database.transaction(async () => {
        const outcomes = await this.batch.store(principal, rows);
        if (dryRun) throw new DryRunEnded(outcomes);
        return outcomes;
      });
    } catch (error) {
      if (!(error instanceof DryRunEnded)) throw error;
      return error.outcomes.map((row) => (row.outcome === 'created' ? Object.assign(row, { userId: null }) : row));
    }
  }
}
