import { defineProblems } from '#libs/http';

export const PolicyProblems = defineProblems('policy', {
  violated: {
    status: 403,
    title: 'A policy of the organization does not allow this key',
    remedy:
      'Keep to `allowed`, or have the rule `rule` of the policy for `environment` changed (`*` stands for all environments).',
  },
});
