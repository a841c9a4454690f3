import { definePermissions } from '#libs/access';

export const SecurityPermissions = definePermissions(
  'security',
  { read: 'Read security events', resolve: 'Acknowledge and resolve security events' },
  'protected operations',
);
