import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between the application and PostgreSQL, and fails the way networks and servers do. */
export class DatabaseProxy {
  private readonly pairs = new Set<[client: Socket, server: Socket]>();
  private hung = false;
  private refusing = false;
  private ignoringOptions = false;

  private constructor(
    private readonly listener: Server,
    private readonly target: URL,
  ) {}

  static async to(databaseUrl: string): Promise<DatabaseProxy> {
    const listener = createServer();
    const proxy = new DatabaseProxy(listener, new URL(databaseUrl));
    listener.on('connection', (client) => proxy.forward(client));
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return proxy;
  }

  /** The same database through the proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.searchParams.delete('host');
    url.searchParams.delete('port');
    url.host = `127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
    return url.href;
  }

  /** Nothing passes any more, and nobody is told: what a cut cable or a stopped machine looks like. */
  hang(): void {
    this.hung = true;
    for (const pair of this.pairs) for (const socket of pair) socket.pause();
  }

  /** Connections break, and new ones are closed at once: what a crashed server looks like. */
  refuse(): void {
    this.refusing = true;
    this.cut();
  }

  /** New sessions begin without the `options` that they ask for: what a pooler does that is told to ignore them. */
  ignoreOptions(): void {
    this.ignoringOptions = true;
  }

  /** Everything works again; what was sent meanwhile is delivered. */
  recover(): void {
    this.hung = false;
    this.refusing = false;
    for (const pair of this.pairs) for (const socket of pair) socket.resume();
  }

  cut(): void {
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
  }

  async close(): Promise<void> {
    this.listener.close();
    this.cut();
    await once(this.listener, 'close');
  }

  private forward(client: Socket): void {
    client.on('error', () => undefined);
    if (this.refusing) {
      client.resetAndDestroy();
      return;
    }
    const server = this.connectToServer();
    server.on('error', () => undefined);
    const pair: [Socket, Socket] = [client, server];
    this.pairs.add(pair);
    for (const [from, to] of [pair, [server, client] as const]) {
      let startsSession = from === client && this.ignoringOptions;
      from.on('data', (chunk) => {
        to.write(startsSession ? withoutOptions(chunk) : chunk);
        startsSession = false;
      });
      from.on('close', () => {
        this.pairs.delete(pair);
        to.destroy();
      });
      if (this.hung) from.pause();
    }
  }

  private connectToServer(): Socket {
    const { searchParams, hostname, port } = this.target;
    const directory = searchParams.get('host');
    const number = Number(searchParams.get('port') ?? (port || 5432));
    return directory?.startsWith('/')
      ? connect(`${directory}/.s.PGSQL.${number}`)
      : connect(number, directory ?? hostname);
  }
}

/** A StartupMessage (PostgreSQL manual, 53.7) without its parameter `options`. */
function withoutOptions(message: Buffer): Buffer {
  const parameters = message
    .subarray(8)
    .toString()
    .replace(/(^|\0)options\0[^\0]*\0/, '$1');
  const changed = Buffer.concat([message.subarray(0, 8), Buffer.from(parameters)]);
  changed.writeInt32BE(changed.length);
  return changed;
}
