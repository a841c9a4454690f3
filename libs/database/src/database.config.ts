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
  ownerUrl: optional(
    text('KEYWARD_MIGRATION_DATABASE_URL', {
      about:
        'The same database as its owner, who migrates, when the login of DATABASE_URL may not change the schema. Absent: DATABASE_URL.',
      secret: true,
      allowed: 'a postgres:// URL',
      check: (url) => (/^postgres(ql)?:\/\//.test(url) ? undefined : 'it does not begin with postgres://'),
    }),
  ),
  serverRole: text('KEYWARD_DATABASE_ROLE', {
    about:
      'The database role under which the server works; made by the migrations. Installations in one PostgreSQL need one each.',
    fallback: 'keyward_server',
    allowed: '1 to 63 of a-z, 0-9 and _, beginning with a letter; not pg_...',
    check: (role) =>
      /^(?!pg_|public$|none$)[a-z][a-z0-9_]{0,62}$/.test(role) ? undefined : 'no name for a role of its own',
  }),
  dataDir: text('KEYWARD_DATA_DIR', {
    about: 'Where the embedded PostgreSQL and the secret made for it are kept.',
    fallback: '.keyward',
    allowed: 'a folder that this process may write',
  }),
  poolSize: integer('KEYWARD_DATABASE_POOL', {
    about: 'Connections for management; verification, usage and exports have 8 more of their own.',
    fallback: '10',
    min: 2,
    max: 200,
  }),
}) {}
