import { defineProblems } from '#libs/http';

export const DatabaseProblems = defineProblems('database', {
  unavailable: {
    status: 503,
    title: 'The database does not answer',
    remedy:
      'Try again after the time in Retry-After. For the operator: GET /admin/system/diagnostics and the log tell what PostgreSQL said.',
  },
  contended: {
    status: 503,
    title: 'Another change was in the way',
    remedy: 'The change was not made; send it again.',
  },
});
