import { statSync } from 'node:fs';
import { ArrayMinSize, IsArray, IsBoolean, IsString, Matches } from 'class-validator';
import { Option } from 'commander';
import {
  ChainKeys,
  isPublicKey,
  NotAnAuditFile,
  type OfflineEvidence,
  type Verification,
  verifyAuditFile,
  verifyAuditTable,
} from '#libs/audit';
import { assertUsable } from '#libs/database';
import { Optional } from '#libs/http';
import { SecretKeys, SecretsConfig } from '#libs/secrets';
import { type Answer, defineLazyCommand } from '../cli-command.js';
import { CommandRefused } from '../command-failure.js';
import { ExitCode } from '../exit-code.js';

class VerifyAuditInput {
  @Optional()
  @IsString()
  file?: string;

  @Optional()
  @Matches(/^postgres(ql)?:\/\//, { message: 'must be a postgres:// URL' })
  database?: string;

  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @IsString({ each: true })
  publicKeys?: string[];

  @Optional()
  @IsString()
  checkpoint?: string;

  @Optional()
  @IsBoolean()
  partial?: boolean;
}

export const verifyAudit = defineLazyCommand({
  name: 'verify',
  summary: 'Verify the audit log, and name the first row that is wrong.',
  notes:
    'Needs no running server: the rows come from a file of JSON lines, from a database, or else from the database of this\n' +
    'installation. With --checkpoint and --public-key also a log that was rewritten as a whole is found. Where SECRET_KEY\n' +
    '(and SECRET_KEY_PREVIOUS) is set, the MAC of every row is checked too, which names the very row. Exit code 1 when\n' +
    'something is wrong.',
  examples: {
    'audit verify': 'the database of this installation',
    'audit verify --file audit-log.jsonl --checkpoint audit-checkpoints.jsonl --public-key 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo':
      'an export, against checkpoints that were kept elsewhere',
    'audit verify --database postgres://auditor@db.example.com/keyward --json':
      'a database, as an auditor who may only read',
  },
  input: VerifyAuditInput,
  flags: {
    file: new Option('--file <path>', 'an export (format=jsonl) or an archive').conflicts('database'),
    database: new Option('--database <url>', 'the database to read'),
    publicKeys: new Option('--public-key <key...>', 'from `keyward audit public-key`; several after a rotation'),
    checkpoint: new Option('--checkpoint <path>', 'the file of signed checkpoints; needs --public-key'),
    partial: new Option('--partial', 'the file was exported with filters: rows may be absent between others'),
  },
  run: async (open, { file, database, publicKeys = [], checkpoint, partial }) => {
    const wrongKey = publicKeys.find((key) => !isPublicKey(key));
    if (wrongKey !== undefined)
      throw new CommandRefused(
        `--public-key ${wrongKey}: must be what \`keyward audit public-key\` prints, 43 letters, digits, - and _.`,
        ExitCode.usage,
      );
    if (checkpoint !== undefined && publicKeys.length === 0)
      throw new CommandRefused('--checkpoint needs --public-key: anybody could have signed it.', ExitCode.usage);
    for (const path of [file, checkpoint]) if (path !== undefined) assertFile(path);
    if (file === undefined && database !== undefined) await assertUsable(database);
    const url = file === undefined ? (database ?? (await open()).ownerUrl) : '';
    const keys = process.env.SECRET_KEY ? new ChainKeys(new SecretKeys(new SecretsConfig())) : undefined;
    const evidence = { publicKeys, checkpoints: checkpoint, keys, partial };
    try {
      const found = await (file === undefined ? verifyAuditTable(url, evidence) : verifyAuditFile(file, evidence));
      return answerOf(found, evidence);
    } catch (error) {
      if (error instanceof NotAnAuditFile) throw new CommandRefused(error.message);
      throw error;
    }
  },
});

function assertFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new CommandRefused(`${path} is not there.`, ExitCode.usage);
  if (found.isDirectory()) throw new CommandRefused(`${path} is a folder. Allowed: a file.`, ExitCode.usage);
}

function answerOf(found: Verification, evidence: OfflineEvidence): Answer {
  const { fault, events, from, to, checkpoints, unknownMacs, isStartProven } = found;
  const notes = notesOn(found, evidence);
  const data = { valid: fault === null, fault, events, from, to, checkpoints, unknownMacs, isStartProven, notes };
  const checked = `${events} events${events === 0 ? '' : `, ${from.position + 1} to ${to.position},`} and ${checkpoints} checkpoints are as they were written.`;
  if (fault === null) return { data, text: [checked, ...notes].join('\n') };
  const where = fault.position === null ? '' : ` at row ${fault.position}${fault.id === null ? '' : ` (${fault.id})`}`;
  const text = [`WRONG: ${fault.kind}${where}. ${fault.detail}`, `Before it: ${checked}`, ...notes].join('\n');
  return { data, text, exitCode: ExitCode.refused };
}

/** What this verification could not see. */
function notesOn({ from, unknownMacs, isStartProven, checkpoints }: Verification, evidence: OfflineEvidence): string[] {
  const notes = [
    [!isStartProven, `Nothing given here proves what was before row ${from.position + 1}.`],
    [evidence.keys === undefined, 'SECRET_KEY is not set, so that MACs were not checked.'],
    [unknownMacs > 0, `${unknownMacs} events have a MAC of a former SECRET_KEY; give it as SECRET_KEY_PREVIOUS.`],
    [
      evidence.checkpoints === undefined,
      'Without --checkpoint, a log that was cut or rewritten as a whole looks right.',
    ],
    [
      evidence.checkpoints !== undefined && checkpoints === 0,
      'There is no checkpoint in what was given: a log that was cut or rewritten as a whole looks right.',
    ],
    [evidence.partial === true, 'With --partial, rows that are missing cannot be told.'],
  ] as const;
  return notes.flatMap(([applies, note]) => (applies ? [note] : []));
}
