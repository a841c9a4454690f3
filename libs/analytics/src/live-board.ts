import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Notifications } from '#libs/database';
import { decodeSums } from './live-message.js';
import { LiveSums, type LiveSumsByOrganization, sumsFor } from './live-sums.js';
import { LiveUsageView } from './live-usage.dto.js';

export const LIVE_CHANNEL = 'keyward_usage';
const SHOW_EVERY_MS = 1000;

type Watcher = (view: LiveUsageView) => void;

/** The calls of all processes, second by second: what was heard since the last look is shown once, so that no call is shown twice. */
@Injectable()
export class LiveBoard implements OnModuleInit {
  private heard: LiveSumsByOrganization = new Map();
  private readonly watchers = new Map<Watcher, string | null>();
  private timer: NodeJS.Timeout | undefined;
  private shownAt = 0;

  constructor(private readonly notifications: Notifications) {}

  onModuleInit(): void {
    this.notifications.listen(LIVE_CHANNEL, {
      received: (message) => this.hear(message),
      interrupted: () => undefined, // what was missed is past
    });
  }

  /** Shows `watcher` the calls of one organization, or of all (null), every second until what is returned is called. */
  watch(organizationId: string | null, watcher: Watcher): () => void {
    this.watchers.set(watcher, organizationId);
    if (this.timer === undefined) {
      this.shownAt = performance.now();
      this.timer = setInterval(() => this.show(), SHOW_EVERY_MS).unref();
    }
    return () => {
      this.watchers.delete(watcher);
      if (this.watchers.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
      this.heard.clear();
    };
  }

  private hear(message: string): void {
    if (this.watchers.size === 0) return;
    for (const [organizationId, sums] of decodeSums(message)) sumsFor(this.heard, organizationId).merge(sums);
  }

  private show(): void {
    const { heard } = this;
    this.heard = new Map();
    const seconds = (performance.now() - this.shownAt) / 1000;
    this.shownAt = performance.now();
    const views = new Map<string | null, LiveUsageView>();
    for (const [watcher, organizationId] of this.watchers) {
      const known = views.get(organizationId);
      const view = known ?? LiveUsageView.of(sumsOf(heard, organizationId), seconds, this.notifications.connected);
      views.set(organizationId, view);
      watcher(view);
    }
  }
}

function sumsOf(heard: LiveSumsByOrganization, organizationId: string | null): LiveSums {
  if (organizationId !== null) return heard.get(organizationId) ?? new LiveSums();
  const all = new LiveSums();
  for (const sums of heard.values()) all.merge(sums);
  return all;
}
