import ipaddr from 'ipaddr.js';
import { registerDecorator } from 'class-validator';

/** An IPv4 or IPv6 address, or a CIDR range of them. */
export function IsAddressRange(): PropertyDecorator {
  return (target, propertyName) => {
    registerDecorator({
      name: 'isAddressRange',
      target: target.constructor,
      propertyName: String(propertyName),
      options: { each: true },
      validator: {
        validate: (value: unknown) => typeof value === 'string' && isRange(value),
        defaultMessage: () => 'each entry must be an IPv4 or IPv6 address or a CIDR range such as 192.0.2.0/24',
      },
    });
  };
}

/** Short forms such as `10` or octal octets mean different things to different programs, so they are refused. */
function isRange(value: string): boolean {
  const address = value.split('/', 1)[0] ?? '';
  const exact = address.includes(':')
    ? ipaddr.IPv6.isValid(address) && !address.includes('%')
    : ipaddr.IPv4.isValidFourPartDecimal(address);
  return exact && (!value.includes('/') || ipaddr.isValidCIDR(value));
}
