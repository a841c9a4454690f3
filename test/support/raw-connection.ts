import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client that sends exactly the bytes it is told to, for what no HTTP library would send. */
export class RawConnection {
  private text = '';

  private constructor(readonly socket: Socket) {
    socket.setEncoding('latin1').on('data', (chunk: string) => (this.text += chunk));
    socket.on('error', () => undefined);
  }

  static async to(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  send(bytes: string): this {
    this.socket.write(bytes, 'latin1');
    return this;
  }

  get(path: string, headers = ''): this {
    return this.send(`GET ${path} HTTP/1.1\r\nHost: test\r\n${headers}\r\n`);
  }

  /** Everything received until now. */
  get received(): string {
    return this.text;
  }

  /** Resolves when `pattern` has arrived; rejects when the connection closes without it. */
  async receives(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) {
      if (this.socket.destroyed) throw new Error(`${pattern} did not arrive, but: ${JSON.stringify(this.text)}`);
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')]);
    }
    return this.text;
  }

  /** Resolves with everything received when the server has closed the connection. */
  async closes(): Promise<string> {
    if (!this.socket.destroyed) await once(this.socket, 'close');
    return this.text;
  }

  abort(): void {
    this.socket.resetAndDestroy();
  }
}

/** The answers in `text`, each with its status, its headers in lower case and its body by Content-Length. */
export function parseAnswers(text: string): { status: number; headers: Record<string, string>; body: string }[] {
  const answers = [];
  let rest = text;
  while (rest !== '') {
    const headEnd = rest.indexOf('\r\n\r\n');
    const [statusLine = '', ...lines] = rest.slice(0, headEnd).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.slice(line.indexOf(':') + 1).trim()]),
    );
    const length = Number(headers['content-length'] ?? 0);
    answers.push({
      status: Number(statusLine.split(' ')[1]),
      headers,
      body: rest.slice(headEnd + 4, headEnd + 4 + length),
    });
    rest = rest.slice(headEnd + 4 + length);
  }
  return answers;
}
