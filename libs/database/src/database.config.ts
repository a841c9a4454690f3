import { Config, integer, optional, text } from '#libs/config';

export class DatabaseConfig extends Config('database', {
  url: optional(
    text('DATABASE_URL', {
      about: 'The PostgreSQL (15 to 18) to use. Absent: an embedded server, its data under KEYWARD_DATA_DIR.',
      secret: true,
      allowed: 'a postgres:// URL',
      check: (url) => (/^postgres(ql)?:\/\//.test(url) ? undefined : 'it does not begin with postgres://'),
    }),
  ),
  dataDir: text('KEYWARD_DATA_DIR', {
    about: 'Where the embedded PostgreSQL and the secret made for it are kept.',
    fallback: '.keyward',
    allowed: 'a folder that this process may write',
  }),
  poolSize: integer('KEYWARD_DATABASE_POOL', {
    about: 'Connections for management; verification and usage have 6 more of their own.',
    fallback: '10',
    min: 2,
    max: 200,
  }),
}) {}
