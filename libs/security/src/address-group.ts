import ipaddr from 'ipaddr.js';

/** Who counts as one source: an IPv4 address, or the /64 of an IPv6 address, all of which one host may use. */
export function addressGroup(address: string): string {
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return address;
  const parts = ipaddr.IPv6.parse(address).parts.slice(0, 4);
  return `${parts.map((part) => part.toString(16)).join(':')}::/64`;
}
