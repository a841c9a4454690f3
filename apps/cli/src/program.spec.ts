import { CommanderError } from 'commander';
import { commands } from './commands.js';
import { createProgram, type Execute } from './program.js';

/** What the program says, and how commander ends it. */
async function run(...args: string[]): Promise<{ written: string; end: unknown; executed: Parameters<Execute>[] }> {
  const executed: Parameters<Execute>[] = [];
  const execute: Execute = (...call) => {
    executed.push(call);
    return Promise.resolve();
  };
  let written = '';
  const terminal = { out: (text: string) => void (written += text), err: () => undefined };
  const end = await createProgram(commands, terminal, execute)
    .parseAsync(args, { from: 'user' })
    .catch((error: unknown) => error);
  return { written, end, executed };
}

const names = commands.flatMap((entry) =>
  'commands' in entry ? entry.commands.map(({ name }) => `${entry.name} ${name}`) : [entry.name],
);

describe('The command-line program', () => {
  it.each(names)('explains `%s` with examples, --json and its exit codes', async (name) => {
    const { written, end } = await run(...name.split(' '), '--help');
    expect(end).toBeInstanceOf(CommanderError);
    expect(end).toMatchObject({ exitCode: 0 });
    expect(written).toContain(`Usage: keyward ${name} `);
    expect(written).toMatch(new RegExp(`Examples:\n  # .+\n  keyward ${name}`));
    expect(written).toContain('--json');
    expect(written).toContain('Exit codes:\n  0  done');
  });

  it('names every group in its own help', async () => {
    const { written } = await run('--help');
    for (const { name } of commands) expect(written).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it('hands over values under the names of the fields that they fill', async () => {
    const args = [
      '--owner',
      'ada@example.com',
      '--name',
      'ci',
      '--permissions',
      'a:b, c:*,',
      '--address',
      '::1',
      '10.0.0.1',
      '--json',
    ];
    const { executed } = await run('keys', 'issue', ...args, '--expires-in-days', '7');
    expect(executed).toHaveLength(1);
    const [command, values, json] = executed[0]!;
    expect(command.name).toBe('issue');
    expect(values).toMatchObject({
      owner: 'ada@example.com',
      name: 'ci',
      permissions: ['a:b', 'c:*'],
      allowedAddresses: ['::1', '10.0.0.1'],
      expiresInDays: 7,
    });
    expect(json).toBe(true);
  });

  it.each([
    ['keys issue --owner a --name x --address 10', 'allowedAddresses'],
    ['keys issue --owner a --name x --expires-in-days soon', 'expiresInDays'],
    ['keys list --limit 0', 'limit'],
    ['keys list --status lost', 'status'],
    ['keys rotate 01a20421-d5b1-7401-a258-b1cc003f4d38 --grace-seconds -5', 'graceSeconds'],
    ['keys revoke x', 'id'],
    ['admin create --email nobody', 'email'],
  ])('refuses `%s` by the rules of the API', async (line, field) => {
    const { executed } = await run(...line.split(' '));
    const [command, values] = executed[0]!;
    await expect(command.prepare(values)).rejects.toMatchObject({
      code: 'request.invalid',
      errors: expect.arrayContaining([expect.objectContaining({ pointer: `/${field}` })]),
    });
  });

  it('reads every example of its own help as a valid command line', async () => {
    const examples = commands
      .flatMap((entry) => ('commands' in entry ? entry.commands : [entry]))
      .flatMap(({ examples: of }) => Object.keys(of));
    for (const example of examples) {
      const words = [...example.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
      const { executed } = await run(...words);
      expect(executed).toHaveLength(1);
      const [command, values] = executed[0]!;
      await expect(command.prepare(values)).resolves.toBeInstanceOf(Function);
    }
  });
});
