import { Config, optional, text } from '#libs/config';
import { configuration } from './configuration.js';

class FixtureConfig extends Config('fixture', {
  secret: optional(text('FIXTURE_SECRET', { about: 'A secret.', secret: true })),
  plain: text('FIXTURE_PLAIN', { about: 'A setting.', fallback: 'default' }),
}) {}

const setting = (name: string, environment: Record<string, string>) =>
  configuration(environment).find((view) => view.name === name);

describe('The configuration in the diagnostics', () => {
  it('hides the value of a secret and tells whether it is set', () => {
    expect(new FixtureConfig().plain).toBe('default');
    expect(setting('FIXTURE_SECRET', { FIXTURE_SECRET: 'hunter2' })).toMatchObject({
      secret: true,
      isSet: true,
      value: null,
    });
    expect(setting('FIXTURE_SECRET', {})).toMatchObject({ secret: true, isSet: false, value: null });
  });

  it('shows what counts: the value, or the default when it is not set or empty', () => {
    expect(setting('FIXTURE_PLAIN', { FIXTURE_PLAIN: 'chosen' })).toMatchObject({ isSet: true, value: 'chosen' });
    expect(setting('FIXTURE_PLAIN', { FIXTURE_PLAIN: '' })).toMatchObject({ isSet: false, value: 'default' });
  });
});
