import { Config, ConfigError, list, optional, rate, text } from '#libs/config';

const environmentName = /^[a-z][a-z0-9]{0,15}$/;

export class ApiKeysConfig extends Config('api-keys', {
  prefix: text('KEYWARD_KEY_PREFIX', {
    about: 'How the keys of this installation begin.',
    fallback: 'kw',
    allowed: '2 to 16 of a-z and 0-9',
    check: (value) => (/^[a-z0-9]{2,16}$/.test(value) ? undefined : 'not of that form'),
  }),
  environments: list('KEYWARD_ENVIRONMENTS', {
    about: 'The environments that keys may be issued for; the first is the default.',
    fallback: 'live,staging,dev',
    allowed: 'a comma-separated list of at least one name of 1 to 16 of a-z and 0-9, beginning with a letter',
    check: (names) =>
      names.length > 0 && names.every((name) => environmentName.test(name)) ? undefined : 'not of that form',
  }),
  environment: optional(
    text('KEYWARD_ENVIRONMENT', {
      about: 'The environment that this instance serves; keys of others are refused. Absent: all.',
      allowed: 'one of KEYWARD_ENVIRONMENTS',
    }),
  ),
  importedGuessLimit: rate('KEYWARD_IMPORTED_GUESS_LIMIT', {
    about:
      'How many wrong keys one address (IPv6: one /64) may send that cost a slow hash of an imported key; then it waits.',
    fallback: '20/60',
  }),
}) {
  /** @throws ConfigError when the environment served is none of those that keys may be issued for */
  constructor() {
    super();
    if (this.environment === undefined || this.environments.includes(this.environment)) return;
    throw new ConfigError([
      `KEYWARD_ENVIRONMENT is ${JSON.stringify(this.environment)}: there is no such environment. Allowed: one of ${this.environments.join(', ')} (KEYWARD_ENVIRONMENTS).`,
    ]);
  }
}
