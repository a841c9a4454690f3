export { AuditLog, type AuditEntry } from './audit-log.js';
export { AuditSink, type AuditReceiver, type AuditRecord } from './audit-sink.js';
export { AuditEventRepository } from './audit-event.repository.js';
export { AuditEventView } from './audit.dto.js';
export { AuditModule } from './audit.module.js';
export { AuditProblems } from './audit.problems.js';
export { changes } from './changes.js';
export { PersonalValues } from './personal-values.js';
