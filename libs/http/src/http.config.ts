import ipaddr from 'ipaddr.js';
import { Config, integer, list, optional, text } from '#libs/config';

const invalidRange = (ranges: readonly string[]): string | undefined => {
  const wrong = ranges.find((range) => !ipaddr.isValidCIDR(range) && !ipaddr.isValid(range));
  return wrong === undefined ? undefined : `${JSON.stringify(wrong)} is not an address or a CIDR range`;
};

export class HttpConfig extends Config('http', {
  port: integer('PORT', { about: 'The TCP port of the API.', fallback: '3000', min: 0, max: 65535 }),
  host: text('HOST', {
    about: 'The address to listen on; 0.0.0.0 listens on all.',
    fallback: '127.0.0.1',
    allowed: 'an address or host name of this machine',
  }),
  publicUrl: optional(
    text('KEYWARD_PUBLIC_URL', {
      about:
        'How clients reach this installation; used in links such as the documentation of problems. Default: http://localhost:<PORT>.',
      allowed: 'an http or https URL without a trailing slash',
      check: (url) => (/^https?:\/\/[^\s/]+(\/\S*[^/\s])?$/.test(url) ? undefined : 'not such a URL'),
    }),
  ),
  drainMs: integer('KEYWARD_DRAIN_MS', {
    about:
      'How long after SIGTERM connections are still accepted, so that load balancers see the readiness probe fail first.',
    fallback: '1000',
    min: 0,
    max: 60_000,
  }),
  streams: integer('KEYWARD_STREAMS', {
    about: 'The most streams of events that this process keeps open at a time.',
    fallback: '200',
    min: 1,
    max: 100_000,
  }),
  trustedProxies: list('TRUSTED_PROXIES', {
    about: 'Proxies whose X-Forwarded-For is believed. Absent: none, the address of the connection counts.',
    fallback: '',
    allowed: 'a comma-separated list of addresses and CIDR ranges',
    check: invalidRange,
  }),
}) {
  /** The base of links that leave the house. */
  get baseUrl(): string {
    return this.publicUrl ?? `http://localhost:${this.port}`;
  }
}
