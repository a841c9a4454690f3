import { definePermissions } from '#libs/access';

export const AnalyticsPermissions = definePermissions('analytics', {
  read: 'Read usage and analytics',
  export: 'Export usage',
});
