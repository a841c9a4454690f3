import { registerDecorator } from 'class-validator';

/** The value, written as JSON, has at most `bytes` bytes. */
export function MaxJsonBytes(bytes: number): PropertyDecorator {
  return (target, propertyName) => {
    registerDecorator({
      name: 'maxJsonBytes',
      target: target.constructor,
      propertyName: String(propertyName),
      validator: {
        validate: (value: unknown) => Buffer.byteLength(JSON.stringify(value) ?? '') <= bytes,
        defaultMessage: () => `must be at most ${bytes} bytes of JSON`,
      },
    });
  };
}
