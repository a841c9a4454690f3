import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerSeam } from './http-server.hooks.js';
import type { DrainTimes } from './http-server.options.js';
import type { OpenAnswers } from './open-answers.js';

const SWEEP_EVERY_MS = 50;
/** What `onAnswer` gets for the answers that were cut at the deadline. */
const LAST_RECORDS_MS = 2_000;

/**
 * Takes a server out of service without failing a request: answers say `Connection: close`, idle connections stay for a
 * grace because a client may be sending on one, and only what is still unanswered at the deadline is cut.
 */
export class ConnectionDrain {
  private hasBegun = false;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly server: Server,
    private readonly open: OpenAnswers,
    private readonly seam: ServerSeam,
    private readonly times: DrainTimes,
  ) {}

  get isDraining(): boolean {
    return this.hasBegun;
  }

  begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.seam.hooks.onDrain?.();
    for (const socket of this.open.connections)
      for (const answer of this.open.of(socket)) answer.shouldKeepAlive = false;
  }

  /** Resolves when the last connection is closed and nothing waits for its `onAnswer` any more. */
  close(): Promise<void> {
    this.closing ??= this.run();
    return this.closing;
  }

  private async run(): Promise<void> {
    this.begin();
    if (!this.server.listening) return;
    const deadline = performance.now() + this.times.keepListeningMs + this.times.deadlineMs;
    await delay(this.times.keepListeningMs);
    const closed = this.stopAccepting();
    let isOver = await atMost(this.times.idleGraceMs, closed);
    while (!isOver && performance.now() < deadline) {
      this.closeIdle();
      isOver = await atMost(SWEEP_EVERY_MS, closed);
    }
    for (const socket of this.open.connections) socket.destroy();
    await closed;
    // The server is closed when its last connection is, but that one tells of itself some turns later.
    while (this.open.connections.size > 0) await new Promise(setImmediate);
    for (const answer of this.seam.abandoned) answer.giveUp();
    const lastCall = Math.max(deadline, performance.now() + LAST_RECORDS_MS);
    while (this.seam.held > 0 && performance.now() < lastCall) await delay(SWEEP_EVERY_MS);
  }

  /** Not `http.Server#close`, which resets all idle connections at once. */
  private stopAccepting(): Promise<void> {
    return new Promise((resolve) => {
      NetServer.prototype.close.call(this.server, () => {
        this.server.close(); // stops the timer that checks the time-outs
        resolve();
      });
    });
  }

  private closeIdle(): void {
    this.server.closeIdleConnections();
    // To Node a connection that never sent a byte is not idle but about to send a request.
    for (const socket of this.open.connections) if (socket.bytesRead === 0) socket.destroy();
  }
}

/** @returns whether `done` was first. */
async function atMost(milliseconds: number, done: Promise<void>): Promise<boolean> {
  const timer = new AbortController();
  const over = delay(milliseconds, false, { signal: timer.signal }).catch(() => false);
  const isDone = await Promise.race([done.then(() => true), over]);
  timer.abort();
  return isDone;
}
