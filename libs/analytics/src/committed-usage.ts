import { Injectable, Logger } from '@nestjs/common';
import type { UsageGroup } from './usage-group.js';

/** What was written together. */
export interface CommittedBatch {
  readonly groups: readonly UsageGroup[];
  readonly calls: number;
  /** From its first record until its COPY was sent. */
  readonly waitMs: number;
  /** From then until PostgreSQL had committed it. */
  readonly commitMs: number;
}

type Listener = (batch: CommittedBatch) => void;

/** Tells this process what it has committed, batch by batch. */
@Injectable()
export class CommittedUsage {
  private readonly logger = new Logger('CommittedUsage');
  private readonly listeners: Listener[] = [];

  /** Nothing waits for a listener but the next batch: it has to be quick. */
  subscribe(listener: Listener): void {
    this.listeners.push(listener);
  }

  tell(batch: CommittedBatch): void {
    for (const listener of this.listeners) {
      try {
        listener(batch);
      } catch (err) {
        this.logger.error({ msg: 'Committed usage was not heard', err });
      }
    }
  }
}
