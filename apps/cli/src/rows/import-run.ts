import { type FileHandle, open } from 'node:fs/promises';
import type { RowOutcome } from '#libs/api-keys';
import type { Answer } from '../cli-command.js';
import { CommandRefused } from '../command-failure.js';
import { ExitCode } from '../exit-code.js';

/** What became of a row, whatever it was about. */
export type ImportedRow = Pick<RowOutcome, 'line' | 'problem'> & { readonly outcome: string };

const KEPT_FAILURES = 1000;
const SHOWN_FAILURES = 20;

/** How an import is told. */
export interface ImportRun {
  readonly dryRun: boolean;
  /** Where every outcome is written, one JSON object a line. */
  readonly results: string | undefined;
  /** The outcomes that are no failure, in the words of the summary. */
  readonly words: Readonly<Record<string, string>>;
}

/** Follows an import to its end: counts, keeps the first failures, writes the rest to a file; no row is held. */
export async function followImport(outcomes: AsyncIterable<ImportedRow>, run: ImportRun): Promise<Answer> {
  const counts = new Map([...Object.keys(run.words), 'failed'].map((outcome) => [outcome, 0]));
  const failures: ImportedRow[] = [];
  let rows = 0;
  const results = run.results === undefined ? undefined : await openResults(run.results);
  try {
    for await (const row of outcomes) {
      rows += 1;
      counts.set(row.outcome, (counts.get(row.outcome) ?? 0) + 1);
      if (row.outcome === 'failed' && failures.length < KEPT_FAILURES) failures.push(row);
      await results?.write(`${JSON.stringify(row)}\n`);
    }
  } catch (cause) {
    throw rows === 0 ? cause : interrupted(rows, run.dryRun, cause);
  } finally {
    await results?.close();
  }
  const failed = counts.get('failed') ?? 0;
  const data = {
    dryRun: run.dryRun,
    ...Object.fromEntries(counts),
    failures,
    failuresLeftOut: failed - failures.length,
  };
  return { data, text: told(counts, failures, run), exitCode: failed > 0 ? ExitCode.refused : ExitCode.done };
}

async function openResults(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'w', 0o600);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandRefused(`Cannot write the results: ${why}. Nothing was imported.`, ExitCode.usage, { cause });
  }
}

function told(counts: ReadonlyMap<string, number>, failures: readonly ImportedRow[], run: ImportRun): string {
  const failed = counts.get('failed') ?? 0;
  const parts = Object.entries(run.words).map(([outcome, word]) => `${counts.get(outcome) ?? 0} ${word}`);
  const summary = `${run.dryRun ? 'Dry run, nothing was kept: ' : ''}${parts.join(', ')}, ${failed} failed.`;
  const shown = failures.slice(0, SHOWN_FAILURES).map(({ line, problem }) => `  line ${line}: ${reasonOf(problem)}`);
  const more = failed - shown.length;
  return [summary, ...shown, ...(more > 0 ? [`  and ${more} more; --results <file> tells all`] : [])].join('\n');
}

function reasonOf(problem: ImportedRow['problem']): string {
  if (problem === null) return '';
  const faults = problem.errors.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`);
  return faults.length > 0 ? faults.join('; ') : `${problem.detail} (${problem.code})`;
}

/** What was dealt with stays; the same command again goes on where this one ended. */
function interrupted(rows: number, dryRun: boolean, cause: unknown): CommandRefused {
  const why = cause instanceof Error ? cause.message : String(cause);
  const advice = dryRun ? 'Nothing was kept.' : 'They are in; the same command again leaves them and goes on.';
  const exitCode = cause instanceof CommandRefused ? cause.exitCode : ExitCode.installation;
  return new CommandRefused(`${rows} rows were dealt with, then: ${why}\n${advice}`, exitCode, { cause });
}
