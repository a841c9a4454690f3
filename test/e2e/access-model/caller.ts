import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const MOST_TRIES = 5;
const AGAIN_AFTER_MS = 300;

export interface CallerAnswer {
  readonly status: number;
  readonly text: string;
  readonly body: any;
}

/** Calls the API over kept connections; `fetch` would cost as much as the server's own work. */
export class Caller {
  private readonly agent = new Agent({ keepAlive: true });

  /** `url`: where the application listens. */
  constructor(private readonly url: string) {}

  /** A machine that is too busy for the database's time-outs answers 503, which says: nothing was done, try again. */
  async call(method: string, path: string, key: string, body?: object): Promise<CallerAnswer> {
    for (let left = MOST_TRIES; ; left--) {
      const answer = await this.once(method, path, key, body);
      if (answer.body.code !== 'database.unavailable' || left === 1) return answer;
      await delay(AGAIN_AFTER_MS);
    }
  }

  private async once(method: string, path: string, key: string, body?: object): Promise<CallerAnswer> {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const type =
        sent === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) };
      const options = { method, agent: this.agent, headers: { 'x-api-key': key, ...type } };
      request(`${this.url}/api/v1${path}`, options, (response) => {
        const parts: string[] = [];
        response.setEncoding('utf8');
        response.on('data', (part: string) => parts.push(part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: parts.join('') }));
        response.on('error', reject);
      })
        .on('error', reject)
        .end(sent);
    });
    return { status, text, body: text === '' ? {} : JSON.parse(text) };
  }

  close(): void {
    this.agent.destroy();
  }
}
