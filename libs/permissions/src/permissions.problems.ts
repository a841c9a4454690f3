import { defineProblems } from '#libs/http';

export const AdministratorProblems = defineProblems('administrator', {
  required: {
    status: 409,
    title: 'There must always be an administrator',
    remedy:
      'Give the role admin to another user who has a key that works, is not narrowed and does not expire, then try again.',
  },
});

/** What may be in the way of taking a permission away. */
export const GrantProblems = defineProblems('grant', {
  stillGranted: {
    status: 409,
    title: 'A wildcard would still give the permission',
    remedy: 'Take the wildcards in `by` away as well, and grant one by one what shall stay.',
  },
});

export const RoleProblems = defineProblems('role', {
  unknown: {
    status: 400,
    title: 'There is no such role',
    remedy: 'Use the names of roles that exist in the organization of the user, such as `user` and `admin`.',
  },
  nameTaken: {
    status: 409,
    title: 'Another role has this name',
    remedy: 'Choose another name; the names of the roles of the installation are taken in every organization.',
  },
  builtIn: {
    status: 409,
    title: 'A built-in role stays as it is',
    remedy: 'Create a role of your own with the grants that you need.',
  },
  inUse: {
    status: 409,
    title: 'Users still have the role',
    remedy:
      'Take it from the users first (GET /api/v1/admin/users?role=<name>), or delete it with ?withdraw=true, which takes it from all of them.',
  },
});
