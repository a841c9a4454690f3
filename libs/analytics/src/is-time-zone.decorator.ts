import { registerDecorator } from 'class-validator';
import { TimeZone } from './time-zone.js';

/** The name of a zone of the IANA time zone database. */
export function IsTimeZone(): PropertyDecorator {
  return (target, propertyName) => {
    registerDecorator({
      name: 'isTimeZone',
      target: target.constructor,
      propertyName: String(propertyName),
      validator: {
        validate: (value: unknown) => typeof value === 'string' && TimeZone.isKnown(value),
        defaultMessage: () => 'must be an IANA time zone such as Europe/Berlin or UTC',
      },
    });
  };
}
