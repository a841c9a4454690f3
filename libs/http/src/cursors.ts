import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretKeys } from '#libs/secrets';
import { RequestProblems } from './http.problems.js';
import { Problem } from './problem.js';

/** Where a page ended: the sort value and id of its last row. */
export type Position = readonly string[];

const TAG_BYTES = 16;

/** Opaque cursors: signed, and bound to the list and the sort that made them. */
@Injectable()
export class Cursors {
  constructor(private readonly secrets: SecretKeys) {}

  seal(list: string, position: Position): string {
    const payload = Buffer.from(JSON.stringify(position));
    return Buffer.concat([tag(this.secrets.current('cursor').key, list, payload), payload]).toString('base64url');
  }

  /** @throws Problem request.invalid_cursor when the cursor is not one that this list made. */
  open(list: string, cursor: string): Position {
    const bytes = Buffer.from(cursor, 'base64url');
    const [given, payload] = [bytes.subarray(0, TAG_BYTES), bytes.subarray(TAG_BYTES)];
    const genuine = this.secrets
      .accepted('cursor')
      .some(({ key }) => given.length === TAG_BYTES && timingSafeEqual(given, tag(key, list, payload)));
    const position: unknown = genuine ? JSON.parse(payload.toString()) : undefined;
    if (!Array.isArray(position) || !position.every((part) => typeof part === 'string')) {
      throw new Problem(RequestProblems.invalidCursor, {
        errors: [{ pointer: '/after', detail: 'must be `next` of the previous page' }],
      });
    }
    return position;
  }
}

function tag(key: Buffer, list: string, payload: Buffer): Buffer {
  return createHmac('sha256', key).update(`${list}\n`).update(payload).digest().subarray(0, TAG_BYTES);
}
