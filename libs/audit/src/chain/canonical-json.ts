/**
 * JSON in one form only, as RFC 8785 (JCS) has it: members sorted by their UTF-16 code units, no white space, numbers and
 * strings as ECMAScript writes them. Members without a value are left out.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** Sixteen digits, or a power of ten: what every number that no double holds has, and hardly any other text. */
const mayBeInexact = /[\d.]{16}|\d[eE]/;
const token = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * JSON whose every number is one that a double holds: others would be read as something that was not written.
 * @throws SyntaxError for any other text
 */
export function exactJson(text: string): unknown {
  if (!mayBeInexact.test(text)) return JSON.parse(text);
  for (const [found] of text.matchAll(token)) {
    if (found.startsWith('"') || /^-?\d{1,15}$/.test(found)) continue;
    if (decimal(found) !== decimal(String(Number(found)))) throw new SyntaxError(`${found} is not a double`);
  }
  return JSON.parse(text);
}

/** A number as its significant digits and a power of ten. */
function decimal(number: string): string {
  const [mantissa = '', exponent = '0'] = number.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = (whole + fraction).replace(/0+$/, '');
  const shift = Number(exponent) + whole.length + fraction.length - digits.length - fraction.length;
  const significant = digits.replace(/^0+/, '');
  return significant === '' ? '0' : `${number.startsWith('-') ? '-' : ''}${significant}e${shift}`;
}
