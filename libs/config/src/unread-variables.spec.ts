import { Config } from './config.js';
import { integer, optional, text } from './variable.js';
import { unreadVariables } from './unread-variables.js';

Config('unread-test', {
  keyLimit: optional(text('KEYWARD_KEY_LIMIT', { about: 'A limit.', allowed: 'anything' })),
  addressLimit: optional(text('KEYWARD_ADDRESS_LIMIT', { about: 'A limit.', allowed: 'anything' })),
  drainMs: integer('KEYWARD_DRAIN_MS', { about: 'A time.', fallback: '1', min: 0, max: 2 }),
});

const meantBy = (name: string): string | undefined => unreadVariables({ [name]: '1' })[0]?.meant;

describe('variables that nothing reads', () => {
  it.each([
    ['KEYWARD_KEY_LIMTI', 'KEYWARD_KEY_LIMIT'],
    ['KEYWARD_KEYLIMIT', 'KEYWARD_KEY_LIMIT'],
    ['KEYWARD_KEY_LIMITS', 'KEYWARD_KEY_LIMIT'],
    ['KEYWARD_ADRESS_LIMIT', 'KEYWARD_ADDRESS_LIMIT'],
    ['Keyward_Drain_Ms', 'KEYWARD_DRAIN_MS'],
    ['KEYWARD_DRAIN', 'KEYWARD_DRAIN_MS'],
  ])('are told with what was meant: %s, %s', (name, meant) => {
    expect(meantBy(name)).toBe(meant);
  });

  it('are told alone when no name is near', () => {
    expect(unreadVariables({ KEYWARD_COLOUR_OF_THE_DOOR: 'red' })).toEqual([
      { name: 'KEYWARD_COLOUR_OF_THE_DOOR', meant: undefined },
    ]);
  });

  it('are not those that are declared, those of the tests, those of others, or those that are empty', () => {
    const environment = { KEYWARD_KEY_LIMIT: 'off', KEYWARD_TEST_RUN: 'r', PATH: '/bin', KEYWARD_NOTHING: '' };
    expect(unreadVariables(environment)).toEqual([]);
  });

  it('are not what Kubernetes tells of services named after the installation', () => {
    const links = {
      KEYWARD_SERVICE_HOST: '10.0.0.1',
      KEYWARD_SERVICE_PORT: '80',
      KEYWARD_SERVICE_PORT_HTTP: '80',
      KEYWARD_PORT: 'tcp://10.0.0.1:80',
      KEYWARD_PORT_80_TCP: 'tcp://10.0.0.1:80',
      KEYWARD_PORT_80_TCP_PROTO: 'tcp',
      KEYWARD_API_PORT_80_TCP_ADDR: '10.0.0.1',
    };
    expect(unreadVariables(links)).toEqual([]);
  });
});
