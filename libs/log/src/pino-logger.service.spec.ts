import { Writable } from 'node:stream';
import { pino } from 'pino';
import { PinoLogger } from './pino-logger.service.js';

function capture(level: string): { logger: PinoLogger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  return { logger: new PinoLogger(pino({ level, base: undefined }, sink)), lines };
}

describe('PinoLogger', () => {
  it('writes the facts of a message as fields, with the scope that Nest passes last', () => {
    const { logger, lines } = capture('info');
    logger.log({ msg: 'Request', status: 200 }, 'Request');
    logger.warn('plain', 'Scope');
    expect(lines).toMatchObject([
      { msg: 'Request', status: 200, scope: 'Request' },
      { msg: 'plain', scope: 'Scope' },
    ]);
  });

  it('writes an error with its stack', () => {
    const { logger, lines } = capture('info');
    logger.error(new Error('broken'), 'Scope');
    expect(lines).toMatchObject([
      { msg: 'broken', err: { message: 'broken', stack: expect.stringContaining('broken') } },
    ]);
  });

  it('leaves out what is below the level, and what Nest tells of every start', () => {
    const { logger, lines } = capture('info');
    logger.debug('detail', 'Scope');
    logger.log('Mapped {/api} route', 'RouterExplorer');
    expect(lines).toEqual([]);
  });

  it('leaves what Nest throws as well to whoever catches it, except for debugging', () => {
    const debugging = capture('debug');
    const { logger, lines } = capture('info');
    for (const each of [logger, debugging.logger]) {
      each.error('Error: listen EADDRINUSE', 'NestApplication');
      each.error(new Error('PORT is wrong'), 'ExceptionHandler');
      each.warn('deprecated', 'NestApplication');
    }
    expect(lines).toMatchObject([{ msg: 'deprecated' }]);
    expect(debugging.lines).toHaveLength(3);
  });
});
