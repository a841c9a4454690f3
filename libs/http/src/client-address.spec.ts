import { AddressRanges, clientAddress, normalizeAddress } from './client-address.js';

const proxies = new AddressRanges(['10.0.0.0/8', '::1', '::ffff:192.0.2.0/120']);

describe('clientAddress', () => {
  it.each<[string, string | undefined, string | undefined, string]>([
    ['is the peer without a header', '198.51.100.1', undefined, '198.51.100.1'],
    ['is the peer when it is no trusted proxy, whatever it says', '198.51.100.1', '203.0.113.9', '198.51.100.1'],
    ['is what a trusted proxy says', '10.1.2.3', '203.0.113.9', '203.0.113.9'],
    [
      'is the rightmost entry that is no proxy: what stands left of it may be invented',
      '10.1.2.3',
      '1.1.1.1, 203.0.113.9, 10.9.9.9',
      '203.0.113.9',
    ],
    ['is the leftmost proxy when all are trusted', '10.1.2.3', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
    ['stops at an entry that is no address', '10.1.2.3', 'nonsense, 10.0.0.2', '10.0.0.2'],
    ['writes IPv4 in IPv6 as IPv4', '::ffff:198.51.100.1', undefined, '198.51.100.1'],
    ['trusts a proxy that is written as IPv6', '::ffff:10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['trusts a range that is written as IPv6', '192.0.2.7', '203.0.113.9', '203.0.113.9'],
    ['drops the zone of a link-local address', 'fe80::1%eth0', undefined, 'fe80::1'],
    ['is unspecified when the connection is gone', undefined, undefined, '0.0.0.0'],
  ])('%s', (_, peer, header, expected) => {
    expect(clientAddress(peer, header, proxies)).toBe(expected);
  });
});

describe('AddressRanges', () => {
  it.each(['10.255.255.255', '::1', '192.0.2.255', '::ffff:10.0.0.1', '0:0:0:0:0:0:0:1'])('includes %s', (address) => {
    expect(proxies.includes(address)).toBe(true);
  });
  it.each(['11.0.0.0', '::2', '192.0.3.0', '', 'x'])('does not include %j', (address) => {
    expect(proxies.includes(address)).toBe(false);
  });
  it('refuses what is no range', () => {
    expect(() => new AddressRanges(['10.0.0.0/33'])).toThrow(/CIDR/);
  });
});

describe('normalizeAddress', () => {
  it('makes one text of every way to write an address', () => {
    expect(['2001:DB8:0::1', '2001:db8::1', '2001:0db8::0001'].map(normalizeAddress)).toEqual(
      Array.from({ length: 3 }, () => '2001:db8::1'),
    );
    expect(normalizeAddress('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(normalizeAddress('x')).toBeUndefined();
  });
});
