import { coverAFamily } from './address-coverage.js';

describe('ranges of addresses', () => {
  it.each([
    [['0.0.0.0/0']],
    [['::/0']],
    [['::ffff:0:0/96']],
    [['::ffff:0.0.0.0/96']],
    [['::/80', '2001:db8::/32']],
    [['0.0.0.0/1', '128.0.0.0/1']],
    [['128.0.0.0/1', '192.0.2.1', '64.0.0.0/2', '0.0.0.0/2']],
    [['0.0.0.0/1', '::ffff:128.0.0.0/97']],
    [['::/1', '8000::/1']],
    [['10.1.2.3/0']],
  ])('%j are all addresses of a family', (ranges) => {
    expect(coverAFamily(ranges)).toBe(true);
  });

  it.each([
    [[]],
    [['192.0.2.1']],
    [['0.0.0.0/1']],
    [['0.0.0.0/1', '128.0.0.0/2']],
    [['0.0.0.0/1', '128.0.0.1/32', '129.0.0.0/8']],
    [['8000::/1', '192.0.2.0/24']],
    [['::1', 'fe80::/10', '10.0.0.0/8']],
  ])('%j leave some of both out', (ranges) => {
    expect(coverAFamily(ranges)).toBe(false);
  });
});
