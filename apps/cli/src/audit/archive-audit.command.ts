import { statSync } from 'node:fs';
import { IsString, Length } from 'class-validator';
import { Option } from 'commander';
import { archiveAuditLog, ArchiveRefused, AuditLog, ChainKeys } from '#libs/audit';
import { IsTime } from '#libs/http';
import { defineCommand } from '../cli-command.js';
import { CommandRefused } from '../command-failure.js';
import { ExitCode } from '../exit-code.js';
import { commandLine } from '../session.js';

class ArchiveAuditInput {
  @IsTime()
  before: string;

  @IsString()
  @Length(1, 4096)
  to: string;
}

export const archiveAudit = defineCommand({
  name: 'archive',
  summary: 'Move old audit events out of the database, into a file that can be verified.',
  notes:
    'The file is verified before anything is deleted, and the rest of the log goes on verifying behind it. Run it with the\n' +
    'URL of the owner of the tables: the server itself may not delete. Killed at any moment, it can be run again.\n' +
    'Keep the files: nothing else holds what is in them.',
  examples: {
    'audit archive --before 2026-01-01 --to /var/backups/keyward': 'everything up to the end of 2025',
  },
  input: ArchiveAuditInput,
  flags: {
    before: new Option(
      '--before <time>',
      'move events before this time; a date means its beginning in UTC',
    ).makeOptionMandatory(),
    to: new Option('--to <folder>', 'where to write the files').makeOptionMandatory(),
  },
  run: async (session, { before, to }) => {
    if (statSync(to, { throwIfNoEntry: false })?.isDirectory() === false)
      throw new CommandRefused(
        `--to ${to} is a file. Allowed: a folder, which is made where there is none.`,
        ExitCode.usage,
      );
    const app = await session.application();
    const keys = app.get(ChainKeys, { strict: false });
    const segment = await archiveAuditLog(session.ownerUrl, keys, { before: new Date(before), folder: to }).catch(
      (error: unknown) => {
        throw error instanceof ArchiveRefused ? new CommandRefused(error.message) : error;
      },
    );
    if (segment === undefined) return { data: { archived: null }, text: `No audit event is from before ${before}.` };
    await app.get(AuditLog, { strict: false }).record({
      actor: commandLine,
      action: 'audit.archived',
      target: { type: 'audit', id: `${segment.from}-${segment.to}` },
      organizationId: null,
      after: { before, events: segment.events },
    });
    const text = [
      `Moved ${segment.events} events, rows ${segment.from} to ${segment.to}, to`,
      `  ${segment.file}`,
      `  ${segment.checkpoints}`,
      `Verify: keyward audit verify --file ${segment.file} --checkpoint ${segment.checkpoints} --public-key ${keys.publicKey}`,
    ].join('\n');
    return { data: { archived: segment }, text };
  },
});
