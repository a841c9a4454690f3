import { installationFault } from './installation.js';

describe('a folder that cannot be written', () => {
  it('is told with both ways out: an image has no place for data of its own', () => {
    const fault = installationFault(Object.assign(new Error('denied'), { code: 'EACCES', path: '/app/.keyward' }));
    expect(fault).toMatch(/^\/app\/\.keyward cannot be written \(EACCES\)\. .*DATABASE_URL.*KEYWARD_DATA_DIR/);
  });
});
