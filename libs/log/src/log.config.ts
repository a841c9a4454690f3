import { choice, Config } from '#libs/config';

export class LogConfig extends Config('log', {
  level: choice('LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    about: 'The least severe log lines that are written.',
    fallback: 'info',
  }),
}) {}
