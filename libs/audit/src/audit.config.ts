import { Config, integer, optional, text } from '#libs/config';

export class AuditConfig extends Config('audit', {
  checkpoints: optional(
    text('KEYWARD_AUDIT_CHECKPOINTS', {
      about:
        'The file to which signed checkpoints of the audit log are appended; keep copies elsewhere. Absent: audit-checkpoints.jsonl in KEYWARD_DATA_DIR with the embedded database, none with another.',
      allowed: 'a file that this process may write, or off',
    }),
  ),
  checkpointSeconds: integer('KEYWARD_AUDIT_CHECKPOINT_SECONDS', {
    about: 'How often a checkpoint is written, when there are new events; in seconds.',
    fallback: '60',
    min: 1,
    max: 86_400,
  }),
}) {}
