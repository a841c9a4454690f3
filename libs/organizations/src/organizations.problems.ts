import { defineProblems } from '#libs/http';

export const OrganizationProblems = defineProblems('organization', {
  suspended: {
    status: 403,
    title: 'The organization is suspended',
    remedy: 'Have the operator of this installation resume it.',
  },
  slugTaken: {
    status: 409,
    title: 'Another organization has this slug',
    remedy: 'Choose another slug.',
  },
  notEmpty: {
    status: 409,
    title: 'The organization still has users or roles',
    remedy: 'Delete its users and roles first, or suspend it.',
  },
  installationOnly: {
    status: 403,
    title: 'Organizations are managed by the operator of the installation',
    remedy: 'Have it done by somebody with a role that reaches over all organizations.',
  },
});
