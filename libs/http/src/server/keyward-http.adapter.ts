import { StreamableFile } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express, type Response } from 'express';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { ConnectionDrain } from './connection-drain.js';
import { expressMessages } from './express-messages.js';
import type { HttpServerHooks, ServerSeam } from './http-server.hooks.js';
import { type DrainTimes, defaultDrainTimes, defaultLimits, type HttpServerLimits } from './http-server.options.js';
import { isKnownToClient } from './if-none-match.js';
import { OpenAnswers } from './open-answers.js';
import { isPlainJson } from './plain-json.js';
import { RefusalWriter } from './refusal-writer.js';
import { RequestBatch } from './request-batch.js';
import { indexRoutes } from './route-index.js';
import { connectRefusal, expectationRefusal, hostRefusal } from './request-refusal.js';

export interface KeywardHttpAdapterOptions {
  readonly hooks?: HttpServerHooks;
  readonly limits?: Partial<HttpServerLimits>;
  readonly drain?: Partial<DrainTimes>;
}

/** Nest on Express, on a server that is faster, tells of every answer, refuses in problems and drains. */
export class KeywardHttpAdapter extends ExpressAdapter {
  private readonly seam: ServerSeam;
  private readonly limits: HttpServerLimits;
  private readonly drainTimes: DrainTimes;
  private readonly open = new OpenAnswers();
  private drain: ConnectionDrain | undefined;
  private readonly app: Express;

  constructor(options: KeywardHttpAdapterOptions = {}) {
    const app = express();
    app.disable('x-powered-by').set('etag', false);
    super(app);
    this.app = app;
    this.limits = { ...defaultLimits, ...options.limits };
    const { abandonedAfterMs } = this.limits;
    this.seam = { hooks: options.hooks ?? {}, held: 0, abandoned: new Set(), abandonedAfterMs };
    this.drainTimes = { ...defaultDrainTimes, ...options.drain };
  }

  /** Replaces the hooks; they may be set once the objects behind them exist, before `listen`. */
  useHooks(hooks: HttpServerHooks): void {
    this.seam.hooks = hooks;
  }

  /** From the first sign of shutting down; readiness is to fail while this is true. */
  get isDraining(): boolean {
    return this.drain?.isDraining ?? false;
  }

  /** Every answer from now on closes its connection; new connections are still accepted until `close`. */
  beginDrain(): void {
    this.drain?.begin();
  }

  override initHttpServer(): void {
    const { seam, limits, open, app } = this;
    indexRoutes(app);
    const refusals = new RefusalWriter(seam, open, limits.lingerMs);
    const batch = new RequestBatch<ServerResponse>((response) => this.handle(response));
    const server = createServer({
      ...expressMessages(app, seam),
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: limits.checkEveryMs,
      maxHeaderSize: limits.maxHeaderBytes,
      requireHostHeader: false,
    });
    const drain = new ConnectionDrain(server, open, seam, this.drainTimes);
    const arrive = (request: IncomingMessage, response: ServerResponse): boolean => {
      if (drain.isDraining) response.shouldKeepAlive = false;
      seam.hooks.onArrival?.(request, response);
      const refused = hostRefusal(request);
      if (refused !== undefined) refusals.answer(refused, response);
      return refused === undefined;
    };
    server
      .on('connection', (socket) => open.watch(socket))
      .on('request', (request, response) => {
        if (arrive(request, response)) batch.add(response);
      })
      .on('checkContinue', (request, response) => {
        if (!arrive(request, response)) return;
        response.writeContinue();
        batch.add(response);
      })
      .on('checkExpectation', (request, response) => {
        if (arrive(request, response)) refusals.answer(expectationRefusal(request), response);
      })
      .on('clientError', (error, socket) => socket instanceof Socket && refusals.clientError(error, socket))
      .on(
        'connect',
        (request, socket) => socket instanceof Socket && refusals.connect(connectRefusal(request), socket),
      );
    this.drain = drain;
    this.setHttpServer(server);
  }

  override reply(response: Response, body: unknown, statusCode?: number): unknown {
    if (statusCode !== undefined) response.statusCode = statusCode;
    this.describe(response, body);
    if (isKnownToClient(response)) {
      response.statusCode = 304;
      return response.end();
    }
    if (body instanceof StreamableFile && response.req.socket.destroyed) {
      body.getStream().destroy(); // nobody is there to read it; that is told now, not when the answer is given up
      return response.end();
    }
    if (!isPlainJson(body, response)) return super.reply(response, body, statusCode);
    const json = JSON.stringify(body);
    if (json === undefined) return super.reply(response, body, statusCode);
    return response.setHeader('Content-Type', 'application/json; charset=utf-8').end(json);
  }

  override beforeClose(): void {
    super.beforeClose();
    this.beginDrain();
  }

  override close(): Promise<void> {
    return this.drain?.close() ?? Promise.resolve();
  }

  private describe(response: Response, body: unknown): void {
    if (typeof body !== 'object' || body === null) return;
    const headers = this.seam.hooks.headersOf?.(body, response.statusCode) ?? [];
    for (const [name, value] of headers) response.setHeader(name, value);
  }

  private handle(response: ServerResponse): void {
    const { hooks } = this.seam;
    if (hooks.runRequest === undefined) this.app(response.req, response);
    else hooks.runRequest(response.req, response, () => this.app(response.req, response));
  }
}
