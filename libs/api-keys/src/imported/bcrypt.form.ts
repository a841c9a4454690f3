import { verify } from '@node-rs/bcrypt';
import { refusedHash } from './hash-encoding.js';
import type { SaltedForm } from './salted-form.js';

const MAX_COST = 12;
/** bcrypt looks at 72 bytes alone: of a longer key anybody could change the end. */
const MAX_KEY_BYTES = 72;

/** `$2b$10$<salt><hash>`; also `$2a$` and `$2y$`, which mean the same for printable ASCII. */
export function bcryptForm(text: string): SaltedForm {
  const [, cost] = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(text) ?? [];
  if (cost === undefined) throw refusedHash('must be a bcrypt string such as $2b$10$ followed by 53 characters');
  if (Number(cost) < 4 || Number(cost) > MAX_COST)
    throw refusedHash(`has the bcrypt cost ${Number(cost)}; allowed are 4 to ${MAX_COST}`);
  return { text, verify: async (key) => key.length <= MAX_KEY_BYTES && (await verify(key, text)) };
}
