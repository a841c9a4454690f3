import { registerDecorator } from 'class-validator';

const dateTime = /^\d{4}-\d{2}-\d{2}(T([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/i;

/**
 * A time as RFC 3339 has it, or a date, which means its first moment in UTC. Week dates, which ISO 8601 also allows, and
 * times without an offset are refused: not every program reads them, or reads them alike. `inZone`: a time without an
 * offset is taken, too, because the same request says in which zone it is meant.
 */
export function IsTime({ inZone = false } = {}): PropertyDecorator {
  return (target, propertyName) => {
    registerDecorator({
      name: 'isTime',
      target: target.constructor,
      propertyName: String(propertyName),
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' && (isTime(value) || (inZone && value.includes('T') && isTime(`${value}Z`))),
        defaultMessage: () => 'must be a time such as 2026-01-31T12:00:00Z, or a date',
      },
    });
  };
}

/** Date.parse takes the 31st of February for the 3rd of March. */
function isTime(value: string): boolean {
  if (!dateTime.test(value) || !isWritable(new Date(value))) return false;
  const date = value.slice(0, 10);
  return new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
}

/** Whether RFC 3339 can write it in UTC, and PostgreSQL read that: from year 1 to year 9999. */
export function isWritable(time: Date): boolean {
  return !Number.isNaN(time.getTime()) && /^(?!0000)\d{4}-/.test(time.toISOString());
}
