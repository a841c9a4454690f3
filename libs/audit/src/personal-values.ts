import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { isUuid } from '#libs/http';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What stands in the place of a value that cannot be opened, because its person was erased. */
const ERASED = '[erased]';
/** And of one that is about somebody else than the reader may read about. */
const WITHHELD = '[withheld]';

/** A value as the audit log keeps it. */
interface SealedValue {
  readonly sealed: string;
  readonly subject: string;
}

/**
 * Keeps what is personal out of rows that are never changed: it is sealed under a key of the person whom it is about, and
 * the key goes when they are erased. The key lies beside the data, for it need not be secret, only forgotten.
 */
@Injectable()
export class PersonalValues {
  constructor(private readonly database: Database) {}

  /**
   * `states` with those of `members` that they have sealed for the user `subject`. Call it in the transaction of the
   * event: the person is not erased before it ends. Of somebody erased nothing is kept.
   */
  async seal<T extends { readonly before?: object; readonly after?: object }>(
    subject: string,
    members: readonly string[],
    states: T,
  ): Promise<T> {
    const isPersonal = (state: object | undefined): boolean =>
      state !== undefined && members.some((member) => Reflect.get(state, member) != null);
    if (!isPersonal(states.before) && !isPersonal(states.after)) return states;
    const key = await this.keyToSeal(subject);
    const sealed = (state: object): object =>
      Object.fromEntries(
        Object.entries(state).map(([member, value]) => [
          member,
          members.includes(member) && value != null ? sealValue(key, subject, value) : value,
        ]),
      );
    return {
      ...states,
      ...(states.before === undefined ? {} : { before: sealed(states.before) }),
      ...(states.after === undefined ? {} : { after: sealed(states.after) }),
    };
  }

  /**
   * Opens what is sealed in `states`, in place; what was erased reads `[erased]`. `only`: what is about others than this
   * user reads `[withheld]`. Resolves to those states in which something was sealed.
   */
  async open(states: readonly (Record<string, unknown> | null)[], only?: string): Promise<ReadonlySet<object>> {
    const found = states.flatMap((state) =>
      state === null
        ? []
        : Object.entries(state).flatMap(([member, value]) => (isSealed(value) ? [{ state, member, value }] : [])),
    );
    const subjects = new Set(found.map(({ value }) => value.subject).filter((id) => only === undefined || id === only));
    const keys = await this.keysOf([...subjects]);
    for (const { state, member, value } of found) {
      const isOpen = only === undefined || value.subject === only;
      state[member] = isOpen ? openValue(keys.get(value.subject), value) : WITHHELD;
    }
    return new Set(found.map(({ state }) => state));
  }

  /** Forgets the key of a user, for good: what was sealed under it can never be opened again. */
  async shred(subject: string): Promise<void> {
    await this.database.query(
      `insert into personal_keys (user_id, key, shredded_at) values ($1, null, now())
       on conflict (user_id) do update set key = null, shredded_at = now()`,
      [subject],
    );
  }

  /** Null when the user was erased. */
  private async keyToSeal(subject: string): Promise<Buffer | null> {
    const held = await this.keyOf(subject);
    if (held !== undefined) return held;
    await this.database.query('insert into personal_keys (user_id, key) values ($1, $2) on conflict do nothing', [
      subject,
      randomBytes(32),
    ]);
    return (await this.keyOf(subject)) ?? null;
  }

  private async keysOf(subjects: readonly string[]): Promise<ReadonlyMap<string, Buffer | null>> {
    if (subjects.length === 0) return new Map();
    const rows = await this.database.query<{ user_id: string; key: Buffer | null }>(
      'select user_id, key from personal_keys where user_id = any ($1::uuid[])',
      [subjects],
    );
    return new Map(rows.map(({ user_id: id, key }) => [id, key]));
  }

  private async keyOf(subject: string): Promise<Buffer | null | undefined> {
    const [row] = await this.database.query<{ key: Buffer | null }>(
      'select key from personal_keys where user_id = $1 for share',
      [subject],
    );
    return row?.key;
  }
}

function sealValue(key: Buffer | null, subject: string, value: unknown): SealedValue {
  if (key === null) return { sealed: '', subject };
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(subject));
  const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  return { sealed: Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64'), subject };
}

/** A value that opens to nothing, whether its key is gone or somebody wrote it by hand, reads as erased. */
function openValue(key: Buffer | null | undefined, { sealed, subject }: SealedValue): unknown {
  const bytes = Buffer.from(sealed, 'base64');
  if (key == null || bytes.length < IV_BYTES + TAG_BYTES) return ERASED;
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(subject)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    return JSON.parse(text.toString('utf8'));
  } catch {
    return ERASED;
  }
}

function isSealed(value: unknown): value is SealedValue {
  return (
    typeof value === 'object' &&
    value !== null &&
    'sealed' in value &&
    typeof value.sealed === 'string' &&
    'subject' in value &&
    typeof value.subject === 'string' &&
    isUuid(value.subject)
  );
}
