/** What looks like a whole key of any installation: `<prefix>_<environment>_<uuid>_<secret and checksum>`. */
const wholeKey = /([a-z0-9]{2,16}_[a-z0-9]{1,16}_[0-9a-f-]{36})_[0-9A-Za-z]{49}/gi;

/** `text` without the secrets of keys that somebody put where none belongs. */
export function withoutKeys(text: string): string {
  return text.includes('_') ? text.replaceAll(wholeKey, '$1_***') : text;
}
