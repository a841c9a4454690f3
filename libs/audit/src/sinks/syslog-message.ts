import { hostname } from 'node:os';

/** Facility 13, log audit; severity 5, notice (RFC 5424, 6.2.1). */
const PRIORITY = 13 * 8 + 5;
/** What every UDP datagram can carry. */
const MOST_BYTES = 60_000;

/** A message as RFC 5424 has it; its text is the JSON of `content`, without the states where it would be too long. */
export function syslogMessage(kind: string, at: Date, content: object): Buffer {
  const header = [
    `<${PRIORITY}>1`,
    at.toISOString(),
    printable(hostname(), 255),
    'keyward',
    process.pid,
    printable(kind, 32),
    '-',
  ].join(' ');
  const whole = Buffer.from(`${header} \uFEFF${JSON.stringify(content)}`);
  if (whole.length <= MOST_BYTES) return whole;
  return Buffer.from(`${header} \uFEFF${JSON.stringify({ ...content, before: null, after: null, truncated: true })}`);
}

function printable(text: string, length: number): string {
  return text.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, length) || '-';
}
