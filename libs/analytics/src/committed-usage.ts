import { Injectable, Logger } from '@nestjs/common';
import type { UsageGroup } from './usage-group.js';

type Listener = (groups: readonly UsageGroup[]) => void;

/** Tells this process what it has committed, in groups, batch by batch. */
@Injectable()
export class CommittedUsage {
  private readonly logger = new Logger('CommittedUsage');
  private readonly listeners: Listener[] = [];

  /** Nothing waits for a listener but the next batch: it has to be quick. */
  subscribe(listener: Listener): void {
    this.listeners.push(listener);
  }

  tell(groups: readonly UsageGroup[]): void {
    for (const listener of this.listeners) {
      try {
        listener(groups);
      } catch (err) {
        this.logger.error({ msg: 'Committed usage was not heard', err });
      }
    }
  }
}
