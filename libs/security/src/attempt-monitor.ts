import { Injectable } from '@nestjs/common';
import { type AccessObserver, ObservesAccess } from '#libs/access';
import type { Problem } from '#libs/http';

/** How many calls were refused since the start, by their true reason; the records of single attempts are in `api_usage`. */
@ObservesAccess()
@Injectable()
export class AttemptMonitor implements AccessObserver {
  private readonly byReason = new Map<string, number>();

  rejected(problem: Problem): void {
    this.byReason.set(problem.reason, (this.byReason.get(problem.reason) ?? 0) + 1);
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.byReason);
  }
}
