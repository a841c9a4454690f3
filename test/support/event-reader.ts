/** One event of a stream. */
export interface StreamedEvent {
  readonly event: string;
  readonly data: any;
}

/** Reads a stream of server-sent events as a browser would, without coming back. */
export class EventReader {
  readonly events: StreamedEvent[] = [];
  /** Resolves when the server has ended the stream, with the monotonic time; also when it was cut off. */
  readonly ended: Promise<number>;
  private readonly aborter = new AbortController();
  private waiting: (() => void)[] = [];
  text = '';

  private constructor(
    readonly response: Response,
    aborter: AbortController,
  ) {
    this.aborter = aborter;
    this.ended = this.read();
  }

  /** Opens `url`, below no prefix; resolves with the head of the answer. */
  static async open(url: string, key: string, headers: Record<string, string> = {}): Promise<EventReader> {
    const aborter = new AbortController();
    const response = await fetch(url, { headers: { 'x-api-key': key, ...headers }, signal: aborter.signal });
    return new EventReader(response, aborter);
  }

  /** The first event after those seen before that `matches`. */
  async next(matches: (event: StreamedEvent) => boolean = () => true): Promise<StreamedEvent> {
    for (let at = this.events.length; ; at++) {
      while (at >= this.events.length) await new Promise<void>((resolve) => this.waiting.push(resolve));
      const event = this.events[at];
      if (event !== undefined && matches(event)) return event;
    }
  }

  close(): void {
    this.aborter.abort();
  }

  private async read(): Promise<number> {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const chunk of this.response.body ?? []) {
        const text = decoder.decode(chunk, { stream: true });
        this.text += text;
        const frames = `${rest}${text}`.split('\n\n');
        rest = frames.pop() ?? '';
        for (const frame of frames) this.take(frame);
      }
    } catch {
      // cut off, by one side or the other
    }
    return performance.now();
  }

  private take(frame: string): void {
    const fields = new Map(frame.split('\n').map((line) => [line.split(':', 1)[0], line.slice(line.indexOf(':') + 2)]));
    const [event, data] = [fields.get('event'), fields.get('data')];
    if (event === undefined || data === undefined) return;
    this.events.push({ event, data: JSON.parse(data) });
    for (const go of this.waiting.splice(0)) go();
  }
}
