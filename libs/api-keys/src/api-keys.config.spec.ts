import { ApiKeysConfig } from './api-keys.config.js';

const names = ['KEYWARD_KEY_PREFIX', 'KEYWARD_ENVIRONMENTS', 'KEYWARD_ENVIRONMENT'];

describe('the settings of keys', () => {
  afterEach(() => names.forEach((name) => delete process.env[name]));

  it('are kw, three environments and no particular one by default', () => {
    expect(new ApiKeysConfig()).toEqual({
      prefix: 'kw',
      environments: ['live', 'staging', 'dev'],
      environment: undefined,
      importedGuessLimit: { limit: 20, windowSeconds: 60 },
    });
  });

  it.each([
    ['KEYWARD_KEY_PREFIX', 'k'],
    ['KEYWARD_KEY_PREFIX', 'KW'],
    ['KEYWARD_KEY_PREFIX', 'k_w'],
    ['KEYWARD_KEY_PREFIX', 'x'.repeat(17)],
    ['KEYWARD_ENVIRONMENTS', ','],
    ['KEYWARD_ENVIRONMENTS', 'live,Dev'],
    ['KEYWARD_ENVIRONMENTS', 'live,with_underscore'],
    ['KEYWARD_ENVIRONMENTS', '1st'],
    ['KEYWARD_ENVIRONMENT', 'nowhere'],
    ['KEYWARD_ENVIRONMENT', 'LIVE'],
  ])('stop the boot when %s is %s', (name, value) => {
    process.env[name] = value;
    expect(() => new ApiKeysConfig()).toThrow(new RegExp(`${name} is "${value}".*Allowed: `));
  });

  it('may name environments of one’s own, of which this instance serves one', () => {
    Object.assign(process.env, { KEYWARD_ENVIRONMENTS: 'prod, qa', KEYWARD_ENVIRONMENT: 'qa' });
    expect(new ApiKeysConfig()).toMatchObject({ environments: ['prod', 'qa'], environment: 'qa' });
  });
});
