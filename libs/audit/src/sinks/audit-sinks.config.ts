import { Config, optional, text } from '#libs/config';

const urlOf =
  (...protocols: readonly string[]) =>
  (value: string): string | undefined => {
    if (!URL.canParse(value)) return 'it is no URL';
    const { protocol, hostname } = new URL(value);
    return protocols.includes(protocol) && hostname !== '' ? undefined : 'it does not name such a place';
  };

export class AuditSinksConfig extends Config('audit-sinks', {
  syslog: optional(
    text('KEYWARD_AUDIT_SYSLOG', {
      about: 'Where audit events are sent as syslog (RFC 5424), besides the database. Absent: nowhere.',
      allowed: 'udp://<host>[:<port>] or tcp://<host>[:<port>], by default port 514 of UDP and 601 of TCP',
      check: urlOf('udp:', 'tcp:'),
    }),
  ),
  webhook: optional(
    text('KEYWARD_AUDIT_WEBHOOK', {
      about: 'The URL to which audit events are posted as JSON, besides the database. Absent: none.',
      allowed: 'an http or https URL',
      check: urlOf('http:', 'https:'),
    }),
  ),
  webhookToken: optional(
    text('KEYWARD_AUDIT_WEBHOOK_TOKEN', {
      about: 'Sent to KEYWARD_AUDIT_WEBHOOK as bearer token.',
      secret: true,
      allowed: 'printable characters without spaces',
      check: (value) => (/^[\x21-\x7e]+$/.test(value) ? undefined : 'it has others'),
    }),
  ),
}) {}
