import { write, writeSync } from 'node:fs';

/** Lines become bytes together, but while the processor still has them at hand: all of a chunk at once takes six times as long. */
const PIECE_CHARACTERS = 16_384;
/** Bytes are written together: a write goes through another thread and costs as much as making fifty lines. */
const CHUNK_BYTES = 262_144;
const LONGEST_WAIT_MS = 100;
const RETRY_MS = 10;

/** Where log lines go: collected for at most 100 ms, written without waiting, the rest before the process exits. */
export class LogOutput {
  private lines = '';
  /** The lines before, as bytes. */
  private pieces: Buffer[] = [];
  private pieceBytes = 0;
  private writing = false;
  /** Bytes whose reader was not ready for them. */
  private refused: Buffer = Buffer.alloc(0);
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly fd: number) {
    process.once('exit', () => this.flush());
  }

  write(line: string): void {
    this.lines += line;
    if (this.lines.length >= PIECE_CHARACTERS) this.encode();
    this.schedule();
  }

  /** Writes everything now, as far as the reader lets us. */
  flush(done: () => void = () => undefined): void {
    const bytes = Buffer.concat([this.refused, this.take()]);
    this.refused = Buffer.alloc(0);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.fd, bytes, written);
    } catch {
      // nobody reads, or not now; there is no other place to say so
    }
    done();
  }

  private encode(): void {
    const piece = Buffer.from(this.lines);
    this.lines = '';
    this.pieces.push(piece);
    this.pieceBytes += piece.length;
  }

  /** All that waits. */
  private take(): Buffer {
    this.encode();
    const bytes = Buffer.concat(this.pieces, this.pieceBytes);
    this.pieces = [];
    this.pieceBytes = 0;
    return bytes;
  }

  private schedule(): void {
    if (this.writing || (this.lines === '' && this.pieces.length === 0)) return;
    if (this.pieceBytes >= CHUNK_BYTES) this.begin();
    else this.timer ??= setTimeout(() => this.begin(), LONGEST_WAIT_MS).unref();
  }

  private begin(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = true;
    this.send(this.take());
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
