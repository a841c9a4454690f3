import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** IPv4 written as IPv6 (`::ffff:192.0.2.1`) becomes plain IPv4; undefined when it is no address. */
export function normalizeAddress(raw: string): string | undefined {
  const zoneless = raw.split('%', 1)[0] ?? '';
  return ipaddr.isValid(zoneless) ? ipaddr.process(zoneless).toString() : undefined;
}

function parseRange(range: string): [Address, number] {
  if (range.includes('/')) {
    const [address, bits] = ipaddr.parseCIDR(range);
    if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress())
      return [address.toIPv4Address(), Math.max(0, bits - 96)];
    return [address, bits];
  }
  const address = ipaddr.process(range);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** A list of addresses and CIDR ranges, parsed once and asked often. */
export class AddressRanges {
  private readonly ranges: readonly [Address, number][];

  /** @throws Error when an entry is neither an address nor a CIDR range. */
  constructor(ranges: readonly string[]) {
    this.ranges = ranges.map(parseRange);
  }

  /** `address` in any notation; false when it is no address. */
  includes(address: string): boolean {
    if (this.ranges.length === 0 || !ipaddr.isValid(address)) return false;
    const candidate = ipaddr.process(address);
    return this.ranges.some(([range, bits]) => range.kind() === candidate.kind() && candidate.match(range, bits));
  }
}

/**
 * Who sent the request: the connection's peer, or, when that is a trusted proxy, the rightmost entry of
 * X-Forwarded-For that is not one. What an untrusted sender wrote is never believed.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: AddressRanges,
): string {
  let current = normalizePeer(peer);
  if (forwardedFor === undefined || !trusted.includes(current)) return current;
  for (const entry of forwardedFor.split(',').toReversed()) {
    const next = normalizeAddress(entry.trim());
    if (next === undefined) return current;
    current = next;
    if (!trusted.includes(current)) return current;
  }
  return current;
}

/** The kernel writes peers canonically, so the common cases need no parser. */
function normalizePeer(peer: string | undefined): string {
  if (peer === undefined) return '0.0.0.0';
  if (peer.startsWith('::ffff:')) return peer.slice(7);
  return peer.includes('%') ? (normalizeAddress(peer) ?? '0.0.0.0') : peer;
}
