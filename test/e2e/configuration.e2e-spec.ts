import { startTestApp } from '../support/test-app.js';

describe('the boot', () => {
  it('warns of a misspelt variable with its nearest name, and of no other', async () => {
    const app = await startTestApp({ KEYWARD_KEY_LIMTI: '5/60', KEYWARD_DRAIN_MS: '0', KEYWARD_ADDRESS_LIMIT: 'off' });
    await app.close();
    expect(app.logger.lines.filter((line) => line.startsWith('warn') && line.includes('KEYWARD_'))).toEqual([
      expect.stringMatching(/"name":"KEYWARD_KEY_LIMTI","meant":"KEYWARD_KEY_LIMIT"/),
    ]);
  });
});
