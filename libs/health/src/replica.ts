import { Injectable } from '@nestjs/common';
import { UsageRecorder } from '#libs/analytics';
import { Database, Notifications } from '#libs/database';
import { recentFaults } from '#libs/log';
import { AttemptMonitor } from '#libs/security';
import { configuration } from './configuration.js';
import { EventLoop } from './event-loop.js';
import type { DiagnosticsView, MemoryView } from './system.dto.js';

type ReplicaState = Omit<DiagnosticsView, 'versions' | 'uptimeSeconds' | 'probes' | 'migrations'>;

/** What this process knows of itself without asking anybody. */
@Injectable()
export class Replica {
  constructor(
    private readonly database: Database,
    private readonly notifications: Notifications,
    private readonly eventLoop: EventLoop,
    private readonly usage: UsageRecorder,
    private readonly attempts: AttemptMonitor,
  ) {}

  state(): ReplicaState {
    return {
      pools: { management: this.database.load, verification: this.database.prepared.load },
      listenerConnected: this.notifications.connected,
      eventLoop: this.eventLoop.delay,
      memory: memory(),
      usageQueue: this.usage.load,
      refusals: this.attempts.counts(),
      lastFaults: [...recentFaults.list()],
      configuration: configuration(process.env),
    };
  }
}

function memory(): MemoryView {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  return { rssBytes: rss, heapUsedBytes: heapUsed, heapTotalBytes: heapTotal, externalBytes: external };
}
