import { defineProblems } from '#libs/http';

export const AuditProblems = defineProblems('audit', {
  unavailable: {
    status: 503,
    title: 'The change cannot be recorded, so it was not made',
    remedy:
      'Nothing was changed. For the operator: the table audit_events cannot be written; the log tells what PostgreSQL said.',
  },
});
