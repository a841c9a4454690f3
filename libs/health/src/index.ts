export { HealthModule } from './health.module.js';
export { HealthProbe, type Probe, type ProbeDetail } from './health-probe.js';
export { HealthProblems } from './health.problems.js';
export { MonitoringPermissions, SystemPermissions } from './health.permissions.js';
export { version } from './release.js';
export { Shutdown } from './shutdown.js';
