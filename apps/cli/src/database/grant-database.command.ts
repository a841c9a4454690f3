import { Length } from 'class-validator';
import { Option } from 'commander';
import { admitLogin } from '#libs/database';
import { defineCommand } from '../cli-command.js';
import { ExitCode } from '../exit-code.js';

class GrantDatabaseInput {
  /** PostgreSQL cuts longer names off. */
  @Length(1, 63)
  to: string;
}

export const grantDatabase = defineCommand({
  name: 'grant',
  summary: 'Let a login of PostgreSQL do the work of a server, and no more than that.',
  notes:
    'Run it with the URL of the owner of the schema, after `keyward migrate up`. The login must exist: ' +
    "create role keyward_app login password '...'; Then give its URL to the servers as DATABASE_URL. " +
    'Ends with 1 when the login may do more than a server needs, and says what.',
  examples: {
    'database grant --to keyward_app': 'before DATABASE_URL of the servers names keyward_app',
    'database grant --to keyward_app --json': 'for a script: {"login": name, "powers": [what it may do beyond that]}',
  },
  input: GrantDatabaseInput,
  flags: {
    to: new Option('--to <login>', 'a role of PostgreSQL that may log in and owns nothing').makeOptionMandatory(),
  },
  run: async ({ ownerUrl }, { to }) => {
    const powers = await admitLogin(ownerUrl, to);
    const text =
      powers.length === 0
        ? `${to} may do the work of a server, and can change neither the audit log nor the schema.`
        : `${to} may do the work of a server, but it also ${powers.join(', ')}: take that from it, or use another login.`;
    return { data: { login: to, powers }, text, exitCode: powers.length === 0 ? ExitCode.done : ExitCode.refused };
  },
});
