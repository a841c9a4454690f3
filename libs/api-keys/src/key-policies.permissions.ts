import { definePermissions } from '#libs/access';

export const KeyPolicyPermissions = definePermissions(
  'key-policies',
  { read: 'Read the policies for keys', manage: 'Set and remove policies for keys' },
  'system',
);
