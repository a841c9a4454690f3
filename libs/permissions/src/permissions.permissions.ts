import { definePermissions } from '#libs/access';

export const GrantPermissions = definePermissions('permissions', {
  read: 'Read the permission catalogue and who was granted what',
  assign: 'Grant permissions and roles',
  revoke: 'Take permissions and roles away',
});

export const RolePermissions = definePermissions('roles', { manage: 'Create, change and delete roles' }, 'permissions');
