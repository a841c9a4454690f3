import { Config, optional, rate, text } from '#libs/config';

export class SecurityConfig extends Config('security', {
  addressLimit: rate('KEYWARD_ADDRESS_LIMIT', {
    about: 'How many calls one address (IPv6: one /64) may make, whatever it sends; counted before any key is read.',
    fallback: '60000/60',
  }),
  keyLimit: rate('KEYWARD_KEY_LIMIT', {
    about: 'How many calls a key may make that has no limit of its own.',
    fallback: '60000/60',
  }),
  guessAlarm: rate('KEYWARD_GUESS_ALARM', {
    about: 'More wrong secrets for one key, or wrong keys from one address, raise a security event; nobody is locked.',
    fallback: '20/300',
  }),
  redisUrl: optional(
    text('REDIS_URL', {
      about: 'The Redis (7 or newer) in which replicas count limits together. Absent: each process counts for itself.',
      secret: true,
      allowed: 'a redis:// or rediss:// URL',
      check: (url) => (/^rediss?:\/\//.test(url) ? undefined : 'it does not begin with redis://'),
    }),
  ),
}) {}
