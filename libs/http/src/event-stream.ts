import type { Response } from 'express';

/** What a reader may leave unread, in bytes; one that falls behind further is cut off rather than buffered for. */
const MOST_UNREAD_BYTES = 65_536;
/** After a cut, browsers come back after this time, in milliseconds. */
const RETRY_MS = 1000;

/** Whether a stream may go on, asked while it is open. */
export type StreamCheck = () => boolean | Promise<boolean>;

/** Server-sent events (WHATWG HTML, 9.2) on one answer. */
export class EventStream {
  private isBeingChecked = false;
  private withheld = '';

  constructor(
    private readonly response: Response,
    private readonly mayGoOn: StreamCheck,
  ) {}

  begin(): void {
    this.response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'X-Accel-Buffering': 'no', // nginx would wait until it has a few KiB
    });
    this.write(`retry: ${RETRY_MS}\n\n`);
  }

  /**
   * `data` is written as JSON, which has no line breaks. The right to read is checked first, because a process that was
   * frozen has not done so for long; while it is in doubt, what is sent waits.
   */
  send(event: string, data: object): void {
    this.check();
    this.write(`event: ${event.replaceAll(/[\r\n]/g, ' ')}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Keeps proxies from taking the connection for idle, and finds out when it is gone. */
  beat(): void {
    this.write(':\n\n');
  }

  end(): void {
    this.response.end();
  }

  /** Ends the stream unless it may go on, also when that cannot be found out. */
  check(): void {
    if (this.isBeingChecked) return;
    try {
      const answer = this.mayGoOn();
      if (answer instanceof Promise) this.wait(answer);
      else if (!answer) this.end();
    } catch {
      this.end(); // the next attempt to open it tells why
    }
  }

  private wait(answer: Promise<boolean>): void {
    this.isBeingChecked = true;
    answer.then(
      (yes) => {
        this.isBeingChecked = false;
        if (!yes) this.end();
        else if (this.withheld !== '') this.write('');
      },
      () => this.end(),
    );
  }

  private write(text: string): void {
    const { response } = this;
    if (response.writableEnded || response.destroyed) return;
    this.withheld += text;
    if (response.writableLength + this.withheld.length > MOST_UNREAD_BYTES) response.destroy();
    else if (!this.isBeingChecked) {
      response.write(this.withheld);
      this.withheld = '';
    }
  }
}
