import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Config, integer, optional, text } from '#libs/config';

export class AuditConfig extends Config('audit', {
  checkpoints: optional(
    text('KEYWARD_AUDIT_CHECKPOINTS', {
      about:
        'The file to which signed checkpoints of the audit log are appended; keep copies elsewhere. Absent: audit-checkpoints.jsonl in KEYWARD_DATA_DIR with the embedded database, none with another.',
      allowed: 'a file that this process may write, or off',
      check: (path) => (path === 'off' ? undefined : whyNotWritable(path)),
    }),
  ),
  checkpointSeconds: integer('KEYWARD_AUDIT_CHECKPOINT_SECONDS', {
    about: 'How often a checkpoint is written, when there are new events; in seconds.',
    fallback: '60',
    min: 1,
    max: 86_400,
  }),
}) {}

/** The file, or the nearest folder above it that is there, in which the others would be made. */
function whyNotWritable(path: string): string | undefined {
  let at = resolve(path);
  if (statSync(at, { throwIfNoEntry: false })?.isDirectory() === true) return 'it is a folder';
  try {
    while (statSync(at, { throwIfNoEntry: false }) === undefined) at = dirname(at);
    accessSync(at, constants.W_OK);
    // Node 24 says of what is below a file that it is not there, Node 20 throws
    return at === resolve(path) || statSync(at).isDirectory() ? undefined : `${at} is no folder`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
