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
  bufferRows: integer('KEYWARD_USAGE_BUFFER_ROWS', {
    about:
      'The most usage records that wait in memory; beyond it calls answer 503 (committed) or records are dropped (buffered).',
    fallback: '50000',
    min: 100,
    max: 5_000_000,
  }),
}) {}
