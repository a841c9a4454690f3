import { definePermissions } from '#libs/access';

export const UserPermissions = definePermissions('users', {
  create: 'Create users',
  read: 'Read users',
  update: 'Change users',
  delete: 'Delete users',
  lock: 'Lock and unlock users',
});

export const ProfilePermissions = definePermissions('profile', { update: 'Change one’s own profile' }, 'users');
