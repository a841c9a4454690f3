import type { Express } from 'express';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { KeywardHttpAdapter, type KeywardHttpAdapterOptions } from '../../libs/http/src/server/keyward-http.adapter.js';

export interface ServedAdapter {
  readonly adapter: KeywardHttpAdapter;
  readonly port: number;
}

/** The HTTP server alone, with plain Express routes instead of Nest's. */
export async function serveAdapter(
  routes: (app: Express) => void,
  options: KeywardHttpAdapterOptions = {},
): Promise<ServedAdapter> {
  const adapter = new KeywardHttpAdapter(options);
  adapter.initHttpServer();
  routes(adapter.getInstance());
  const server = adapter.getHttpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { adapter, port };
}
