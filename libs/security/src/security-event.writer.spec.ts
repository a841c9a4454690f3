import { Logger } from '@nestjs/common';
import { Clock } from '#libs/clock';
import type { Database } from '#libs/database';
import { SecurityEventWriter } from './security-event.writer.js';
import type { Detection } from './security-detector.js';

const about = (subject: string): Detection => ({
  subject,
  severity: 'low',
  title: 'Something',
  summary: 'Something happened.',
});

/** Takes rows, or refuses while it is away. */
class FakeDatabase {
  away = false;
  readonly subjects: string[] = [];

  query(_sql: string, [rows]: readonly string[]): Promise<unknown[]> {
    if (this.away) return Promise.reject(new Error('away'));
    this.subjects.push(...JSON.parse(rows ?? '[]').map(({ subject }: { subject: string }) => subject));
    return Promise.resolve([]);
  }
}

describe('the writer of security events', () => {
  let database: FakeDatabase;
  let writer: SecurityEventWriter;

  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => Logger.overrideLogger(true));
  beforeEach(() => {
    database = new FakeDatabase();
    const clock = Object.assign(new Clock(), { now: () => new Date('2026-01-01T00:05:00Z') });
    writer = new SecurityEventWriter(database as unknown as Database, clock);
  });

  it('writes one event for each subject of a detector in a window', async () => {
    for (const subject of ['a', 'b', 'a']) writer.raise('one', about(subject));
    writer.raise('other', about('a'));
    await writer.beforeApplicationShutdown();
    expect(database.subjects.toSorted()).toEqual(['a', 'a', 'b']);
  });

  it('keeps what the database did not take, and writes it when it is back', async () => {
    database.away = true;
    writer.raise('one', about('a'));
    await new Promise(setImmediate);
    database.away = false;
    await writer.beforeApplicationShutdown();
    expect(database.subjects).toEqual(['a']);
  });

  it('keeps a thousand and drops the rest, so that no attack fills the memory', async () => {
    database.away = true;
    for (let at = 0; at < 1500; at++) writer.raise('one', about(String(at)));
    await new Promise(setImmediate);
    database.away = false;
    await writer.beforeApplicationShutdown();
    expect(database.subjects).toHaveLength(1000);
  });
});
