import ipaddr from 'ipaddr.js';

/** All addresses of a family, as numbers of IPv6, where IPv4 has its place below ::ffff:0:0/96 (RFC 4291, 2.5.5.2). */
const families = [boundsOf('::ffff:0:0/96'), boundsOf('::/0')];

/** Whether the ranges together hold every IPv4 or every IPv6 address, however they are cut. */
export function coverAFamily(ranges: readonly string[]): boolean {
  const covered = ranges.map(boundsOf).toSorted((a, b) => (a.first < b.first ? -1 : 1));
  return families.some(({ first, last }) => {
    let next = first; // the lowest address that is not covered yet
    for (const range of covered) if (range.first <= next && range.last >= next) next = range.last + 1n;
    return next > last;
  });
}

function boundsOf(range: string): { first: bigint; last: bigint } {
  const [text = '', prefix] = range.split('/');
  const address = ipaddr.parse(text);
  const isIPv4 = address.kind() === 'ipv4';
  const bytes = (isIPv4 && address instanceof ipaddr.IPv4 ? address.toIPv4MappedAddress() : address).toByteArray();
  const number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const kept = prefix === undefined ? 128 : Number(prefix) + (isIPv4 ? 96 : 0);
  const size = 1n << BigInt(128 - kept);
  const first = number - (number % size);
  return { first, last: first + size - 1n };
}
