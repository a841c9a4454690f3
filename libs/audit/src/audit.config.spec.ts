import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditConfig } from './audit.config.js';

describe('the file of checkpoints', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-audit-config-'));
  afterEach(() => delete process.env.KEYWARD_AUDIT_CHECKPOINTS);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['off', join(folder, 'new.jsonl'), join(folder, 'not/there/yet.jsonl')])('may be %s', (path) => {
    process.env.KEYWARD_AUDIT_CHECKPOINTS = path;
    expect(new AuditConfig().checkpoints).toBe(path);
  });

  it('is in no file', () => {
    process.env.KEYWARD_AUDIT_CHECKPOINTS = join(__filename, 'checkpoints.jsonl');
    expect(() => new AuditConfig()).toThrow(/(ENOTDIR|is no folder).*Allowed: a file/);
  });

  it('is no folder', () => {
    process.env.KEYWARD_AUDIT_CHECKPOINTS = folder;
    expect(() => new AuditConfig()).toThrow('it is a folder. Allowed: a file that this process may write, or off.');
  });
});
