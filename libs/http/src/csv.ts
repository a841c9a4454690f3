/** What a cell may hold; an object is written as JSON, nothing as an empty cell. */
export type CsvValue = string | number | bigint | boolean | Date | object | null | undefined;

/** What a spreadsheet takes for the beginning of a formula, in the wide forms of East Asian keyboards too (OWASP, "CSV Injection"). */
export const formulaCharacters = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
const needsQuotes = /[",\r\n]/;

/**
 * One line of a CSV file (RFC 4180), its line break included. Text that a spreadsheet would run as a formula gets an
 * apostrophe before it, which a spreadsheet hides; numbers are left as they are.
 */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}

function cell(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return value.toISOString();
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = formulaCharacters.some((character) => text.startsWith(character)) ? `'${text}` : text;
  return needsQuotes.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
