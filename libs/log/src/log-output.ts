import { write, writeSync } from 'node:fs';

/** Lines are written together: a write goes through another thread and costs as much as making fifty lines. */
const CHUNK_CHARACTERS = 262_144;
const LONGEST_WAIT_MS = 100;
const RETRY_MS = 10;

/** Where log lines go: collected for at most 100 ms, written without waiting, the rest before the process exits. */
export class LogOutput {
  private waiting = '';
  private writing = false;
  /** Bytes whose reader was not ready for them. */
  private refused: Buffer = Buffer.alloc(0);
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly fd: number) {
    process.once('exit', () => this.flush());
  }

  write(line: string): void {
    this.waiting += line;
    this.schedule();
  }

  /** Writes everything now, as far as the reader lets us. */
  flush(done: () => void = () => undefined): void {
    const bytes = Buffer.concat([this.refused, Buffer.from(this.waiting)]);
    this.waiting = '';
    this.refused = Buffer.alloc(0);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.fd, bytes, written);
    } catch {
      // nobody reads, or not now; there is no other place to say so
    }
    done();
  }

  private schedule(): void {
    if (this.writing || this.waiting === '') return;
    if (this.waiting.length >= CHUNK_CHARACTERS) this.begin();
    else this.timer ??= setTimeout(() => this.begin(), LONGEST_WAIT_MS).unref();
  }

  private begin(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const bytes = Buffer.from(this.waiting);
    this.waiting = '';
    this.writing = true;
    this.send(bytes);
  }

  private send(bytes: Buffer): void {
    write(this.fd, bytes, 0, bytes.length, null, (error, written) => {
      if (error === null && written < bytes.length) this.send(bytes.subarray(written));
      else if (error?.code === 'EAGAIN') this.sendLater(bytes);
      else this.done(); // written, or nobody reads any more
    });
  }

  private sendLater(bytes: Buffer): void {
    this.refused = bytes;
    setTimeout(() => {
      const again = this.refused; // nothing, when it was flushed meanwhile
      this.refused = Buffer.alloc(0);
      this.send(again);
    }, RETRY_MS).unref();
  }

  private done(): void {
    this.writing = false;
    this.schedule();
  }
}
