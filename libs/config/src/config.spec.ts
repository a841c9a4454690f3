import { assertConfiguration, Config, ConfigError, declaredConfigs } from './config.js';
import { integer, optional, text } from './variable.js';

class TestConfig extends Config('test', {
  port: integer('KEYWARD_TEST_CONFIG_PORT', { about: 'A port.', fallback: '3000', min: 0, max: 65_535 }),
  secret: optional(
    text('KEYWARD_TEST_CONFIG_SECRET', {
      about: 'A secret.',
      secret: true,
      allowed: 'eight characters',
      check: (value) => (value.length === 8 ? undefined : 'too short'),
    }),
  ),
}) {}

const faultsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    assertConfiguration(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.filter((fault) => fault.startsWith('KEYWARD_TEST_CONFIG'));
    throw error;
  }
};

describe('the settings of a feature', () => {
  afterEach(() => {
    delete process.env['KEYWARD_TEST_CONFIG_PORT'];
  });

  it('are read from the environment when they are made', () => {
    process.env['KEYWARD_TEST_CONFIG_PORT'] = '8080';
    expect(new TestConfig()).toEqual({ port: 8080, secret: undefined });
  });

  it('have their defaults when a variable is absent or empty', () => {
    process.env['KEYWARD_TEST_CONFIG_PORT'] = '';
    expect(new TestConfig().port).toBe(3000);
  });

  it('cannot be changed', () => {
    const config = new TestConfig();
    expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError);
  });

  it('are declared, so that they can be listed', () => {
    const declared = declaredConfigs().find(({ subject }) => subject === 'test');
    expect(declared?.variables.map(({ name, fallback, secret }) => [name, fallback, secret])).toEqual([
      ['KEYWARD_TEST_CONFIG_PORT', '3000', false],
      ['KEYWARD_TEST_CONFIG_SECRET', undefined, true],
    ]);
  });

  it('stop the boot with every fault: the name, what was read and what is allowed', () => {
    expect(faultsOf({ KEYWARD_TEST_CONFIG_PORT: '70000', KEYWARD_TEST_CONFIG_SECRET: 'hush' })).toEqual([
      'KEYWARD_TEST_CONFIG_PORT is "70000": out of range. Allowed: a whole number from 0 to 65535.',
      'KEYWARD_TEST_CONFIG_SECRET has a value that is not allowed: too short. Allowed: eight characters.',
    ]);
  });

  it('never show a secret in what they complain about', () => {
    expect(faultsOf({ KEYWARD_TEST_CONFIG_SECRET: 'hush-hush' }).join()).not.toContain('hush');
  });
});
