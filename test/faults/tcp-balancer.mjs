import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';

/** How often readiness is asked for. KEYWARD_DRAIN_MS has to be longer: so long it may take to be heard. */
const ASK_EVERY_MS = 250;
/** A replica that does not answer at all is given up after so many questions; one that says no at once. */
const MOST_SILENCES = 3;

/**
 * Spreads connections over the replicas that say they are ready, in turn, and knows nothing of HTTP: what Kubernetes does
 * with the connections of a service. It never tries a second replica, so that nothing is hidden.
 */
export class TcpBalancer {
  #replicas = new Map();
  #silences = new Map();
  #turn = 0;
  #server = createServer({ allowHalfOpen: true }, (client) => this.#forward(client));
  #asking = setInterval(() => void this.#askAll(), ASK_EVERY_MS);
  /** Connections that no replica was there for. */
  unserved = 0;

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this.#server.address().port;
  }

  /** Takes a replica in; resolves when it is ready. */
  async add(port) {
    this.#replicas.set(port, false);
    while (!this.#replicas.get(port)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  remove(port) {
    this.#replicas.delete(port);
  }

  close() {
    clearInterval(this.#asking);
    this.#server.close();
  }

  #forward(client) {
    const ready = [...this.#replicas].filter(([, isReady]) => isReady).map(([port]) => port);
    const port = ready[this.#turn++ % ready.length];
    if (port === undefined) {
      this.unserved += 1;
      client.destroy();
      return;
    }
    const replica = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    for (const [from, to] of [
      [client, replica],
      [replica, client],
    ]) {
      from.setNoDelay();
      from.on('data', (chunk) => to.write(chunk));
      from.on('end', () => to.end());
      from.on('error', () => to.resetAndDestroy());
      from.on('close', () => to.destroySoon());
    }
  }

  async #askAll() {
    const asked = [...this.#replicas.keys()].map(async (port) => {
      const isReady = await answersReady(port);
      const silences = isReady === undefined ? (this.#silences.get(port) ?? 0) + 1 : 0;
      this.#silences.set(port, silences);
      if (this.#replicas.has(port) && (isReady !== undefined || silences >= MOST_SILENCES))
        this.#replicas.set(port, isReady === true);
    });
    await Promise.all(asked);
  }
}

/** Undefined when there is no answer. */
function answersReady(port) {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path: '/health/ready', agent: false, timeout: 1000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on('error', () => resolve(undefined)).on('timeout', () => asked.destroy());
    asked.end();
  });
}
