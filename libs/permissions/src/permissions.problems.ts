import { defineProblems } from '#libs/http';

export const AdministratorProblems = defineProblems('administrator', {
  required: {
    status: 409,
    title: 'There must always be an administrator',
    remedy: 'Give the role admin to another user who has a key that works, is not narrowed and does not expire, then try again.',
  },
});

export const RoleProblems = defineProblems('role', {
  unknown: {
    status: 400,
    title: 'There is no such role',
    remedy: 'Use the names of roles that exist in the organization of the user, such as `user` and `admin`.',
  },
});
