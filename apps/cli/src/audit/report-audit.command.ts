import { Option } from 'commander';
import { Database } from '#libs/database';
import { IsTime } from '#libs/http';
import { defineCommand } from '../cli-command.js';
import { CommandRefused } from '../command-failure.js';
import { ExitCode } from '../exit-code.js';
import { minute, table } from '../plain-text.js';
import { type AccessEvidence, accessEvidence } from './access-evidence.js';

class ReportAuditInput {
  @IsTime()
  from: string;

  @IsTime()
  to: string;
}

export const reportAudit = defineCommand({
  name: 'report',
  summary: 'Give evidence for a period: who could do what at its end, and what happened to keys.',
  notes:
    'Users, roles and grants are as they were at the end of the period. SOURCE says how that is known: `audit`, because a\n' +
    'later event says what was before it, or `now`, because no event says that it has changed since. Verify the log first.',
  examples: {
    'audit report --from 2026-01-01 --to 2026-04-01': 'the first quarter',
    'audit report --from 2026-03-31 --to 2026-04-01 --json': 'one day, for a program',
  },
  input: ReportAuditInput,
  flags: {
    from: new Option(
      '--from <time>',
      'beginning of the period; a date means its beginning in UTC',
    ).makeOptionMandatory(),
    to: new Option('--to <time>', 'end of the period, which is no part of it').makeOptionMandatory(),
  },
  run: async (session, { from, to }) => {
    const [begin, end] = [new Date(from), new Date(to)];
    if (begin >= end) throw new CommandRefused('--to must be after --from.', ExitCode.usage);
    const app = await session.application();
    const evidence = await accessEvidence(app.get(Database, { strict: false }), begin, end);
    return { data: evidence, text: asText(evidence) };
  },
});

function asText({ from, to, users, roles, keyEvents, unusedKeys, notes }: AccessEvidence): string {
  const names = (list: readonly string[]): string => list.join(' ') || '-';
  const section = (title: string, heading: readonly string[], rows: readonly (readonly string[])[]): string =>
    `${title}\n${rows.length === 0 ? 'none' : table(heading, rows)}`;
  return [
    `Access and keys from ${from} to ${to}`,
    section(
      'Who could do what at the end',
      ['USER', 'E-MAIL', 'LOCKED', 'ROLES', 'SOURCE', 'GRANTS'],
      users.map((user) => [
        user.id,
        user.email,
        user.isLocked ? 'yes' : 'no',
        names(user.roles),
        user.source,
        names(user.grants),
      ]),
    ),
    section(
      'Roles at the end',
      ['ROLE', 'ORGANIZATION', 'SOURCE', 'GRANTS'],
      roles.map((role) => [
        role.name,
        role.organizationId ?? (role.installationWide ? 'reaches all' : '-'),
        role.source,
        names(role.grants),
      ]),
    ),
    section(
      'Keys issued, rotated and revoked',
      ['ROW', 'AT', 'WHAT', 'KEY', 'BY'],
      keyEvents.map((event) => [
        String(event.position),
        minute(new Date(event.at)),
        event.action.replace('api_key.', ''),
        event.keyId,
        event.by,
      ]),
    ),
    section(
      'Keys that were not used for 90 days',
      ['KEY', 'OWNER', 'CREATED', 'LAST USED'],
      unusedKeys.map((key) => [
        key.id,
        key.ownerId,
        minute(new Date(key.createdAt)),
        minute(key.lastUsedAt === null ? null : new Date(key.lastUsedAt)),
      ]),
    ),
    ...notes,
  ].join('\n\n');
}
