import { pino } from 'pino';
import { PinoLogger } from './pino-logger.service.js';
import { RecentFaults, recentFaults } from './recent-faults.js';

describe('The recent faults', () => {
  it('are the last 50, newest first', () => {
    const faults = new RecentFaults();
    for (let number = 1; number <= 60; number++) faults.add('warn', `fault ${number}`, 'Test');
    expect(faults.list()).toHaveLength(50);
    expect(faults.list()[0]).toMatchObject({ message: 'fault 60', scope: 'Test', level: 'warn' });
    expect(faults.list().at(-1)).toMatchObject({ message: 'fault 11' });
  });

  it('hold message, cause and request, and no other field of a log line', () => {
    const faults = new RecentFaults();
    faults.add(
      'error',
      { msg: 'It broke', requestId: 'r-12345678', key: 'kw_live_secret', err: new Error('disk full') },
      'Test',
    );
    expect(faults.list()[0]).toMatchObject({ message: 'It broke', cause: 'Error: disk full', requestId: 'r-12345678' });
    expect(JSON.stringify(faults.list())).not.toContain('kw_live_secret');
  });

  it('hide a password in a URL', () => {
    const faults = new RecentFaults();
    faults.add('error', new Error('cannot reach postgres://keyward:hunter2@db:5432/keyward'), 'Test');
    expect(JSON.stringify(faults.list())).not.toContain('hunter2');
    expect(faults.list()[0]?.message).toContain('postgres://keyward:***@db:5432/keyward');
  });

  it('are fed by the logger with warnings and errors, even those below its level', () => {
    const logger = new PinoLogger(pino({ level: 'silent' }));
    logger.error({ msg: 'an error for the ring' }, 'Test');
    logger.log({ msg: 'all is well' }, 'Test');
    logger.warn({ msg: 'a warning for the ring' }, 'Test');
    const newest = recentFaults.list().slice(0, 2);
    expect(newest.map(({ message }) => message)).toEqual(['a warning for the ring', 'an error for the ring']);
  });
});
