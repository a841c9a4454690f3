import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { ConfigError } from '#libs/config';
import { HttpConfig } from '#libs/http';
import { MetricsConfig } from './metrics.config.js';
import { ReportsMetrics, type MetricsReporter } from './metrics-reporter.js';

const REQUEST_MS = 5000;

/** Answers `GET /metrics` in Prometheus's text format 0.0.4, on a port of its own, until the application has closed. */
@Injectable()
export class MetricsServer implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('Metrics');
  private readonly registry = new Registry();
  private server: Server | undefined;

  constructor(
    private readonly config: MetricsConfig,
    private readonly http: HttpConfig,
    private readonly discovery: DiscoveryService,
  ) {}

  /** Where it listens; undefined where it does not. */
  get url(): string | undefined {
    const address = this.server?.address();
    return isNetwork(address) ? `http://${urlHost(address)}:${address.port}/metrics` : undefined;
  }

  /** @throws ConfigError when the port cannot be had: metrics that are silently missing are missed when they are needed. */
  async onModuleInit(): Promise<void> {
    const reporters = ReportsMetrics.collect(this.discovery);
    const { port, host = this.http.host } = this.config;
    if (port === undefined) return;
    if (port !== 0 && port === this.http.port) {
      throw new ConfigError([`KEYWARD_METRICS_PORT is ${port}, and so is PORT. Allowed: a port of its own.`]);
    }
    this.register(reporters);
    const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
      void this.answer(request, response);
    });
    try {
      server.listen(port, host);
      await once(server, 'listening');
    } catch (error) {
      throw new ConfigError([
        `KEYWARD_METRICS_PORT: ${host}:${port} cannot be listened on (${codeOf(error)}). Set it to a free port, or KEYWARD_METRICS_HOST to an address of this machine.`,
      ]);
    }
    server.on('error', (err) => this.logger.error({ msg: 'Metrics cannot be served', err }));
    this.server = server;
    this.logger.log({ msg: 'Metrics are served', url: this.url });
  }

  onApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  /** What Node.js knows of the process, and what the features report. @throws Error when two metrics have one name */
  private register(reporters: readonly MetricsReporter[]): void {
    collectDefaultMetrics({ register: this.registry });
    for (const reporter of reporters) {
      for (const metric of reporter.metrics()) this.registry.registerMetric(metric);
    }
  }

  private async answer({ method, url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (url.split('?', 1)[0] !== '/metrics') return refuse(response, 404, 'Here is GET /metrics and nothing else.');
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return refuse(response, 405, 'Metrics are read with GET.');
    }
    try {
      const metrics = await this.registry.metrics();
      response.setHeader('Content-Type', this.registry.contentType);
      response.end(metrics);
    } catch (err) {
      this.logger.error({ msg: 'Metrics could not be collected', err });
      refuse(response, 500, 'Metrics could not be collected; the log says why.');
    }
  }
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${why}\n`);
}

function isNetwork(address: AddressInfo | string | null | undefined): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

function urlHost({ address, family }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]` : address;
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
}
