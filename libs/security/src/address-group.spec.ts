import { addressGroup } from './address-group.js';

describe('the source behind an address', () => {
  it.each(['192.0.2.1', '10.0.0.1', '0.0.0.0'])('is an IPv4 address itself: %s', (address) => {
    expect(addressGroup(address)).toBe(address);
  });

  it.each([
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['2001:db8:0:1:ffff:ffff:ffff:ffff', '2001:db8:0:1::/64'],
    ['2001:0DB8:0000:0001::1', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('is the /64 of the IPv6 address %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });

  it('is what was given when that is no address', () => {
    expect(addressGroup('not:an:address')).toBe('not:an:address');
  });
});
