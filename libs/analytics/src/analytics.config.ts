import { choice, Config, integer } from '#libs/config';

export class AnalyticsConfig extends Config('analytics', {
  durability: choice('KEYWARD_USAGE_DURABILITY', ['committed', 'buffered'], {
    about:
      'committed: an answer waits until its usage record is in the database. buffered: it does not; what is in memory is lost when the process is killed, and dropped and counted when the buffer is full.',
    fallback: 'committed',
  }),
  batchRows: integer('KEYWARD_USAGE_BATCH_ROWS', {
    about: 'The most usage records that are written together.',
    fallback: '2000',
    min: 1,
    max: 100_000,
  }),
  maxWaitMs: integer('KEYWARD_USAGE_MAX_WAIT_MS', {
    about:
      'How long a usage record may wait for others to be written with it, in milliseconds; every answer is later by as much. 0: for the rest of the turn of the event loop, which is enough where commits take milliseconds.',
    fallback: '0',
    min: 0,
    max: 500,
  }),
  bufferRows: integer('KEYWARD_USAGE_BUFFER_ROWS', {
    about:
      'The most usage records that wait in memory; beyond it calls answer 503 (committed) or records are dropped (buffered).',
    fallback: '50000',
    min: 100,
    max: 5_000_000,
  }),
  retentionDays: integer('KEYWARD_USAGE_RETENTION_DAYS', {
    about: 'How many days the records of single calls are kept. Sums outlive them.',
    fallback: '90',
    min: 1,
    max: 3650,
  }),
  minuteDays: integer('KEYWARD_USAGE_BY_MINUTE_DAYS', {
    about: 'How many days sums by minute are kept.',
    fallback: '3',
    min: 1,
    max: 366,
  }),
  hourDays: integer('KEYWARD_USAGE_BY_HOUR_DAYS', {
    about:
      'How many days sums by hour are kept: those of keys at least as long as single calls, those by key and route 14 at most.',
    fallback: '90',
    min: 1,
    max: 3650,
  }),
  dayDays: integer('KEYWARD_USAGE_BY_DAY_DAYS', {
    about: 'How many days sums by day and week are kept.',
    fallback: '1100',
    min: 1,
    max: 36_500,
  }),
}) {}
