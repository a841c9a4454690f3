import { type OutgoingHttpHeaders, validateHeaderName, validateHeaderValue } from 'node:http';

const MOST_NAMES = 1000;
/** By names as they are written; every answer has the same few. */
const knownKeys = new Map<string, string>();

/** A field name in lower case. @throws TypeError ERR_INVALID_HTTP_TOKEN */
function keyOf(name: string): string {
  const known = knownKeys.get(name);
  if (known !== undefined) return known;
  validateHeaderName(name);
  const key = name.toLowerCase();
  if (knownKeys.size === MOST_NAMES) knownKeys.clear();
  knownKeys.set(name, key);
  return key;
}

/**
 * The fields of an answer in the order in which their names were first set, whatever the case. An answer has about ten: set
 * and written, lists cost half of what the dictionary of node:http does.
 */
export class HeaderFields {
  /** Names and values in turn, as `writeHead` takes them. */
  readonly raw: string[] = [];
  /** Names in lower case. */
  readonly keys: string[] = [];

  /** @throws TypeError as node:http does for a name or a value that no field may have */
  set(name: string, value: string): void {
    const key = keyOf(name);
    validateHeaderValue(name, value);
    const at = this.keys.indexOf(key);
    if (at === -1) {
      this.keys.push(key);
      this.raw.push(name, value);
    } else {
      this.raw[2 * at] = name;
      this.raw[2 * at + 1] = value;
    }
  }

  get(name: string): string | undefined {
    const at = this.keys.indexOf(name.toLowerCase());
    return at === -1 ? undefined : this.raw[2 * at + 1];
  }

  get names(): string[] {
    return this.raw.filter((_text, at) => at % 2 === 0);
  }

  get byKey(): OutgoingHttpHeaders {
    const fields: OutgoingHttpHeaders = Object.create(null);
    for (const [at, key] of this.keys.entries()) fields[key] = this.raw[2 * at + 1];
    return fields;
  }
}
