import { setTimeout as delay } from 'node:timers/promises';
import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';

const RECONNECT_MS = 250;
const CHECK_EVERY_MS = 1000;
const ANSWER_WITHIN_MS = 1500;

/** What a listener hears. */
export interface NotificationHandler {
  received(payload: string): void;
  /** Notifications may have been missed: the connection was lost, or has just been made again. */
  interrupted(): void;
}

/**
 * PostgreSQL LISTEN on one connection of its own, made again whenever it is lost. A black-holed connection gives no sign
 * at all, so it is asked for one every second and replaced within three; until then a listener must not believe in
 * silence for longer than it can afford.
 */
export class Notifications implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Notifications');
  private readonly handlers = new Map<string, NotificationHandler>();
  private client: pg.Client | undefined;
  private closed = false;

  constructor(private readonly url: string) {}

  /** Call it before the application has started; one handler a channel. */
  listen(channel: string, handler: NotificationHandler): void {
    this.handlers.set(channel, handler);
  }

  get connected(): boolean {
    return this.client !== undefined;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    await Promise.race([this.client?.end(), delay(ANSWER_WITHIN_MS, undefined, { ref: false })]);
  }

  private async connect(): Promise<void> {
    while (!this.closed) {
      const client = new pg.Client({
        connectionString: this.url,
        application_name: 'keyward listen',
        connectionTimeoutMillis: ANSWER_WITHIN_MS,
        query_timeout: ANSWER_WITHIN_MS,
        keepAlive: true,
      });
      // `on`, not `once`: a terminated backend makes pg report twice, and the second report would end the process
      client.on('error', () => this.lost(client));
      client.on('end', () => this.lost(client));
      client.on('notification', ({ channel, payload }) => this.handlers.get(channel)?.received(payload ?? ''));
      try {
        await client.connect();
        for (const channel of this.handlers.keys()) await client.query(`listen ${client.escapeIdentifier(channel)}`);
        this.client = client;
        this.interrupted();
        void this.watch(client);
        return;
      } catch (err) {
        this.logger.warn({ msg: 'Cannot listen for changes, trying again', err });
        client.end().catch(() => undefined);
        await delay(RECONNECT_MS, undefined, { ref: false });
      }
    }
  }

  private async watch(client: pg.Client): Promise<void> {
    try {
      while (this.client === client && !this.closed) {
        await delay(CHECK_EVERY_MS, undefined, { ref: false });
        await client.query('select 1');
      }
    } catch (err) {
      if (this.client === client && !this.closed)
        this.logger.warn({ msg: 'No news can be heard, connecting anew', err });
      client.end().catch(() => undefined);
      this.lost(client);
    }
  }

  private lost(client: pg.Client): void {
    if (this.client !== client || this.closed) return;
    this.client = undefined;
    this.interrupted();
    void this.connect();
  }

  private interrupted(): void {
    for (const handler of this.handlers.values()) handler.interrupted();
  }
}
