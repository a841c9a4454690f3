import { Config, integer, optional, text } from '#libs/config';

export class MetricsConfig extends Config('metrics', {
  port: optional(
    integer('KEYWARD_METRICS_PORT', {
      about:
        'The TCP port of GET /metrics, for Prometheus; another than PORT, and not for the public: it asks for no credential. Absent: no metrics.',
      min: 0,
      max: 65535,
    }),
  ),
  host: optional(
    text('KEYWARD_METRICS_HOST', {
      about: 'The address on which metrics are served. Default: HOST.',
      allowed: 'an address or host name of this machine',
    }),
  ),
}) {}
