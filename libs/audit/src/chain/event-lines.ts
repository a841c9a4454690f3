import type { ChainedEvent } from './chained-event.js';

type Members = Readonly<Record<string, (value: unknown) => boolean>>;

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNull = (value: unknown): boolean => value === null || isText(value);
const isObjectOrNull = (value: unknown): boolean => typeof value === 'object' && !Array.isArray(value);
const isHex = (value: unknown): boolean => typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value);

const actor: Members = { kind: isText, name: isTextOrNull, userId: isTextOrNull, keyId: isTextOrNull };
const target: Members = { type: isText, id: isTextOrNull };
const members: Members = {
  position: Number.isSafeInteger,
  id: isText,
  occurredAt: isText,
  actor: (value) => hasExactly(actor, value),
  action: isText,
  target: (value) => hasExactly(target, value),
  organizationId: isTextOrNull,
  before: isObjectOrNull,
  after: isObjectOrNull,
  address: isTextOrNull,
  userAgent: isTextOrNull,
  requestId: isTextOrNull,
  previous: isHex,
  hash: isHex,
  mac: isHex,
  macKey: isHex,
};

/** An event as a line of an export or of an archive has it. */
export function eventLine(event: ChainedEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/**
 * The event of a line; undefined when it is none, or is not written as ECMAScript writes it: a reader that takes the
 * second of two equal members, or more digits of a number, must not see another event than the one that was verified.
 */
export function parseEventLine(line: string): ChainedEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (JSON.stringify(value) !== line || typeof value !== 'object' || value === null) return undefined;
    const { opened, ...event }: { opened?: unknown } = value;
    return isChainedEvent(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

function isChainedEvent(value: object): value is ChainedEvent {
  return hasExactly(members, value);
}

function hasExactly(expected: Members, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const entries = Object.entries(value);
  return (
    entries.length === Object.keys(expected).length &&
    entries.every(([name, member]) => Object.hasOwn(expected, name) && expected[name]?.(member) === true)
  );
}
