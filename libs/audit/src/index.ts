export { AuditLog, type AuditEntry } from './audit-log.js';
export { AuditModule } from './audit.module.js';
export { AuditProblems } from './audit.problems.js';
export { changes } from './changes.js';
