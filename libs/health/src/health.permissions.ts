import { definePermissions } from '#libs/access';

export const MonitoringPermissions = definePermissions('monitoring', {
  read: 'Read metrics and monitoring data',
  diagnose: 'Read the diagnostics: internals, configuration without secrets, last errors',
});

export const SystemPermissions = definePermissions('system', {
  read: 'Read what this installation is and how much it holds',
  configure: 'Change the settings of the installation',
});
