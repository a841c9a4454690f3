import { definePermissions } from '#libs/access';

export const OrganizationPermissions = definePermissions(
  'organizations',
  { read: 'Read organizations', manage: 'Create, change, suspend and delete organizations' },
  'system',
);
