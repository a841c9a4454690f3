import { definePermissions } from '#libs/access';

export const ApiKeyPermissions = definePermissions('api-keys', {
  create: 'Issue keys of one’s own',
  read: 'Read one’s own keys and their usage',
  update: 'Change, disable and enable one’s own keys',
  rotate: 'Rotate one’s own keys',
  revoke: 'Revoke one’s own keys',
  manage: 'Do all of this with everybody’s keys',
  verify: 'Verify keys on behalf of a service',
});
