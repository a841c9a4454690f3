import { definePermissions } from '#libs/access';

export const UserPermissions = definePermissions('users', {
  create: 'Create users',
  read: 'Read users',
  update: 'Change users',
  delete: 'Delete users',
  lock: 'Lock and unlock users',
  export: 'Export everything that is held about a user',
  erase: 'Erase the personal data of a user',
});

export const ProfilePermissions = definePermissions(
  'profile',
  {
    update: 'Change one’s own profile',
    export: 'Export everything that is held about oneself',
    delete: 'Erase oneself',
  },
  'users',
);
