/** Members that carry secrets, whatever they stand in. */
const secret = new Set(['key', 'secret', 'password', 'authorization', 'x-api-key', 'apiKey']);
const HIDDEN = '[Redacted]';
/** Nothing is logged that is nested deeper; the bound is for what contains itself. */
const MAX_DEPTH = 6;

export function isSecret(member: string): boolean {
  return secret.has(member);
}

/** The fields of a log line with every secret hidden, at any depth; what it is given stays as it is. */
export function withoutSecrets(fields: object): Record<string, unknown> {
  return shownFields(fields, 0);
}

function shownFields(fields: object, depth: number): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) shown[name] = isSecret(name) ? HIDDEN : shownValue(value, depth);
  return shown;
}

function shownValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return value;
  // an error is made into fields by pino, and a date or a buffer into text by itself
  if (value instanceof Error || 'toJSON' in value) return value;
  if (Array.isArray(value)) return value.map((entry: unknown) => shownValue(entry, depth + 1));
  return shownFields(value, depth + 1);
}
