import { Config, optional, text } from '#libs/config';

const MINIMUM_BYTES = 32;
const longEnough = (value: string): string | undefined =>
  Buffer.byteLength(value) < MINIMUM_BYTES ? `it has ${Buffer.byteLength(value)} bytes` : undefined;
const allowed = `at least ${MINIMUM_BYTES} random bytes, for instance from \`openssl rand -base64 48\``;

export class SecretsConfig extends Config('secrets', {
  current: text('SECRET_KEY', {
    about: 'The installation secret: key pepper, cursors and every other purpose derive their own key from it.',
    secret: true,
    allowed,
    check: longEnough,
  }),
  previous: optional(
    text('SECRET_KEY_PREVIOUS', {
      about: 'The former SECRET_KEY while rotating: keys hashed under it keep working and move to the new one at use.',
      secret: true,
      allowed,
      check: longEnough,
    }),
  ),
}) {}
