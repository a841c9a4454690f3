import { write, writeSync } from 'node:fs';
import { flatLine } from './flat-line.js';

/** Lines become bytes 16 KiB at a time: made of 256 KiB at once, the bytes of a line take six times as long. */
const PIECE_CHARACTERS = 16_384;
/** Pieces are written together: a write goes through another thread and costs as much as making fifty lines. */
const CHUNK_PIECES = 16;
/** 32 MiB: beyond, lines are dropped until whoever reads them has caught up. */
const MOST_PIECES = 2048;
const LONGEST_WAIT_MS = 100;
const RETRY_MS = 10;
const WARN = 40;

/** Where log lines go: collected for at most 100 ms, written without waiting, the rest before the process exits. */
export class LogOutput {
  private lines = '';
  /** The lines before, as bytes. */
  private pieces: Buffer[] = [];
  private dropped = 0;
  private writing = false;
  /** Bytes whose reader was not ready for them. */
  private refused: Buffer = Buffer.alloc(0);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly fd: number,
    private readonly mostPieces = MOST_PIECES,
  ) {
    process.once('exit', () => this.flush());
  }

  write(line: string): void {
    if (this.pieces.length >= this.mostPieces) {
      this.dropped += 1;
      return;
    }
    this.lines += line;
    if (this.lines.length >= PIECE_CHARACTERS) this.encode();
    this.schedule();
  }

  /** Writes everything now, as far as the reader lets us. */
  flush(done: () => void = () => undefined): void {
    this.tellDropped();
    this.encode();
    const bytes = Buffer.concat([this.refused, ...this.pieces]);
    this.pieces = [];
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
    if (this.lines !== '') this.pieces.push(Buffer.from(this.lines));
    this.lines = '';
  }

  /** Where the lines would have been. */
  private tellDropped(): void {
    if (this.dropped === 0) return;
    const msg = 'Log lines were dropped, because nobody read them in time';
    this.lines += flatLine(WARN, 'LogOutput', { msg, lines: this.dropped }) ?? '';
    this.dropped = 0;
  }

  private schedule(): void {
    if (this.writing || (this.lines === '' && this.pieces.length === 0)) return;
    if (this.pieces.length >= CHUNK_PIECES) this.begin();
    else this.timer ??= setTimeout(() => this.begin(), LONGEST_WAIT_MS).unref();
  }

  private begin(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = true;
    this.tellDropped();
    this.encode();
    this.send(Buffer.concat(this.pieces.splice(0, CHUNK_PIECES)));
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
