import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { DatabaseErrorTranslator, violates } from './database-error.translator.js';

const error = (message: string, members: object = {}): Error => Object.assign(new Error(message), members);
const wrapped = (cause: Error): Error => new QueryFailedError('select 1', [], cause);
const codeOf = (cause: unknown): string | undefined => new DatabaseErrorTranslator().translate(cause)?.code;

describe('an error of the database', () => {
  it.each([
    ['57P01 terminated', error('terminating connection', { code: '57P01' })],
    ['57014 too slow', error('canceling statement', { code: '57014' })],
    ['53300 no connection left', error('too many clients', { code: '53300' })],
    ['53100 disk full', error('could not extend file', { code: '53100' })],
    ['25006 read-only', error('cannot execute INSERT', { code: '25006' })],
    ['08006 connection failure', error('connection failure', { code: '08006' })],
    ['refused', error('connect ECONNREFUSED', { code: 'ECONNREFUSED', syscall: 'connect' })],
    ['reset', error('read ECONNRESET', { code: 'ECONNRESET', syscall: 'read' })],
    ['broken pipe', error('write EPIPE', { code: 'EPIPE', syscall: 'write' })],
    ['hung', error('Query read timeout')],
    ['no connection in time', error('timeout exceeded when trying to connect')],
    ['cut', error('Connection terminated unexpectedly')],
    ['cut between two queries', new QueryRunnerAlreadyReleasedError()],
  ])('(%s) means 503 database.unavailable, wrapped by TypeORM or not', (_, cause) => {
    expect([codeOf(cause), codeOf(wrapped(cause))]).toEqual(['database.unavailable', 'database.unavailable']);
  });

  it.each(['55P03', '40001', '40P01', '23503', '23505'])('(%s) means 503 database.contended', (code) => {
    expect(codeOf(wrapped(error('in the way', { code })))).toBe('database.contended');
  });

  it('(class 22) means that the input cannot be stored', () => {
    expect(codeOf(wrapped(error('out of range', { code: '22008' })))).toBe('request.invalid');
  });

  it.each([
    ['a missing table', wrapped(error('relation does not exist', { code: '42P01' }))],
    ['a missing file', error('no such file', { code: 'ENOENT', syscall: 'open' })],
    ['a mistake', new TypeError('x is not a function')],
    ['no error', 'text'],
  ])('is none of it when it is %s', (_, cause) => {
    expect(codeOf(cause)).toBeUndefined();
  });

  it('names the constraint that was violated', () => {
    const taken = wrapped(error('duplicate key', { code: '23505', constraint: 'users_email_key' }));
    const missing = wrapped(error('no such row', { code: '23503', constraint: 'users_organization_id_fkey' }));
    expect([
      violates(taken, 'users_email_key'),
      violates(missing, 'users_organization_id_fkey'),
      violates(taken, 'other'),
      violates(error('x'), 'users_email_key'),
    ]).toEqual([true, true, false, false]);
  });
});
