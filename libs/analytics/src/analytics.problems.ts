import { defineProblems } from '#libs/http';

export const UsageProblems = defineProblems('usage', {
  unavailable: {
    status: 503,
    title: 'The call cannot be recorded',
    remedy:
      'Try again after the time in Retry-After. What the call was to do may have been done; only its record, and so its answer, is missing. For the operator: PostgreSQL does not take usage records; see the log.',
  },
});
