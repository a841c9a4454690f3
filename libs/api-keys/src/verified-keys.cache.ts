import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AccessChanges, type AccessChange } from '#libs/permissions';
import type { VerifiedKey } from './verified-key.js';

/**
 * How long an entry is believed, counted from before the database was asked. A revocation that this process was not told
 * of, because its connection was cut or it was frozen, is therefore in force a second after it was answered at the latest.
 */
const BELIEVED_MS = 900;
const MAX_ENTRIES = 20_000;

/** Whether what the database said may still be relied on at `now` (monotonic milliseconds). */
export function isBelieved({ readAt }: VerifiedKey, now: number): boolean {
  return now - readAt < BELIEVED_MS;
}

type Loader = () => Promise<VerifiedKey | undefined>;

interface Question {
  readonly askedAt: number;
  readonly answer: Promise<VerifiedKey | undefined>;
}

/** What the database said of keys a moment ago. Whoever asks for the same key meanwhile waits for the same answer. */
@Injectable()
export class VerifiedKeysCache implements OnModuleInit {
  private readonly entries = new LRUCache<string, VerifiedKey>({
    max: MAX_ENTRIES,
    dispose: (entry, handle) => this.unlist(entry, handle),
  });
  /** The handles of the entries of each user: a change to one must not cost a walk through all. */
  private readonly handles = new Map<string | null, Set<string>>();
  private readonly questions = new Map<string, Question>();

  constructor(private readonly changes: AccessChanges) {}

  onModuleInit(): void {
    this.changes.subscribe((change) => this.forget(change));
  }

  /** The entry if it may still be believed at `now` (monotonic milliseconds). */
  get(handle: string, now: number): VerifiedKey | undefined {
    const entry = this.entries.get(handle);
    return entry !== undefined && isBelieved(entry, now) ? entry : undefined;
  }

  /**
   * Asks the database through `load`; joins a question that is under way at `now`, unless it is so old that its answer
   * could not be believed. An answer that a change overtook is given to those who waited, but not kept.
   */
  load(handle: string, now: number, load: Loader): Promise<VerifiedKey | undefined> {
    const running = this.questions.get(handle);
    if (running !== undefined && now - running.askedAt < BELIEVED_MS) return running.answer;
    const answer = load()
      .then((entry) => {
        if (entry !== undefined && this.questions.get(handle) === question) this.keep(handle, entry);
        return entry;
      })
      .finally(() => {
        if (this.questions.get(handle) === question) this.questions.delete(handle);
      });
    const question = { askedAt: now, answer };
    this.questions.set(handle, question);
    return answer;
  }

  get size(): number {
    return this.entries.size;
  }

  private keep(handle: string, entry: VerifiedKey): void {
    this.entries.set(handle, entry);
    const handles = this.handles.get(entry.caller.userId) ?? new Set();
    this.handles.set(entry.caller.userId, handles.add(handle));
  }

  private unlist({ caller }: VerifiedKey, handle: string): void {
    const handles = this.handles.get(caller.userId);
    handles?.delete(handle);
    if (handles?.size === 0) this.handles.delete(caller.userId);
  }

  private forget(change: AccessChange): void {
    this.questions.clear(); // what is being read now may be from before the change
    if (change === 'all') this.entries.clear();
    else if ('keyId' in change) this.entries.delete(change.keyId);
    else for (const handle of this.handles.get(change.userId) ?? []) this.entries.delete(handle);
  }
}
