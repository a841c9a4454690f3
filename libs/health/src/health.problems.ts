import { defineProblems } from '#libs/http';

export const HealthProblems = defineProblems('health', {
  notReady: {
    status: 503,
    title: 'Not ready',
    remedy:
      'Send calls to another replica, or try again. For the operator: `failing` names the probes; GET /api/v1/admin/system/diagnostics and the log tell why. `database` fails when PostgreSQL cannot be written: away, hung, read-only, or its disk is full.',
  },
  starting: {
    status: 503,
    title: 'Still starting',
    remedy: 'Wait; for the operator: the log tells what the start waits for.',
  },
  draining: {
    status: 503,
    title: 'Shutting down',
    remedy: 'Send calls to another replica; this one answers what has arrived and ends.',
  },
  notLive: {
    status: 503,
    title: 'Not alive',
    remedy:
      'For the operator: restart the process. `failing` names the probes that found it beyond recovery; the log tells why.',
  },
});

export const SystemProblems = defineProblems('system', {
  installationOnly: {
    status: 403,
    title: 'Only for administrators of the installation',
    remedy:
      'The diagnostics show errors and settings of all organizations: use a key whose owner has an installation-wide role.',
  },
});
