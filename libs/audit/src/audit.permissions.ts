import { definePermissions } from '#libs/access';

export const LogPermissions = definePermissions('logs', {
  read: 'Read the audit log',
  export: 'Export the audit log',
});
