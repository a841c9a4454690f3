import { Injectable } from '@nestjs/common';
import { type AccessObserver, type Judgement, ObservesAccess } from '#libs/access';
import type { Problem } from '#libs/http';

/** How many credentials and calls were refused since the start, here or as judged for a service, by their true reason; the records of single attempts are in `api_usage`. */
@ObservesAccess()
@Injectable()
export class AttemptMonitor implements AccessObserver {
  private readonly byReason = new Map<string, number>();

  rejected(problem: Problem): void {
    this.byReason.set(problem.reason, (this.byReason.get(problem.reason) ?? 0) + 1);
  }

  judged({ problem }: Judgement): void {
    if (problem !== null) this.rejected(problem);
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.byReason);
  }
}
