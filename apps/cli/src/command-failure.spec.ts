import { ConfigError } from '#libs/config';
import { DatabaseProblems, DatabaseUnusable } from '#libs/database';
import { invalid, Problem, RequestProblems } from '#libs/http';
import { CommandRefused, failureOf } from './command-failure.js';

const shown = (field: string): string => `--${field}`;

describe('A failed command', () => {
  it('names the flag of every value that is not allowed and ends with 2', () => {
    const problem = invalid([
      { pointer: '/limit', detail: 'must be a number' },
      { pointer: '/tags/0', detail: 'is too long' },
    ]);
    expect(failureOf(problem, shown)).toEqual({ text: '--limit: must be a number\n--tags: is too long', exitCode: 2 });
  });

  it('gives detail and code of a refusal and ends with 1', () => {
    const problem = new Problem(RequestProblems.notFound, { detail: 'There is no such key.' });
    expect(failureOf(problem, shown)).toEqual({ text: 'There is no such key. (request.not_found)', exitCode: 1 });
  });

  it('ends with 3 and tells the cause when the database has gone', () => {
    const problem = new Problem(DatabaseProblems.unavailable, { cause: new Error('Connection terminated') });
    const { text, exitCode } = failureOf(problem, shown);
    expect(exitCode).toBe(3);
    expect(text).toContain('Cause: Connection terminated');
  });

  it('ends with 3 and one line a fault when the installation must be put right', () => {
    expect(failureOf(new ConfigError(['A is wrong', 'B is wrong']), shown)).toEqual({
      text: 'Configuration: A is wrong\nConfiguration: B is wrong',
      exitCode: 3,
    });
    expect(failureOf(new DatabaseUnusable('It does not answer.'), shown)).toEqual({
      text: 'It does not answer.',
      exitCode: 3,
    });
  });

  it('keeps the words and the exit code that a command chose', () => {
    expect(failureOf(new CommandRefused('Say --yes.', 2), shown)).toMatchObject({ text: 'Say --yes.', exitCode: 2 });
  });

  it('shows the whole of an error that nobody foresaw', () => {
    const { text, exitCode } = failureOf(new TypeError('x is undefined'), shown);
    expect(exitCode).toBe(1);
    expect(text).toMatch(/^The command failed\.\nTypeError: x is undefined\n +at /);
  });
});
