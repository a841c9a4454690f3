import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf } from './process-identity.js';

/**
 * Those who use one embedded server, a file each: the last to leave stops the server, so a command-line tool
 * that started it never takes it away from an API that came later. A holder that was killed does not count.
 */
export class ServerHolders {
  private static made = 0;

  private readonly directory: string;
  private readonly own = `${process.pid}-${(ServerHolders.made += 1)}`;

  constructor(private readonly dataDir: string) {
    this.directory = `${dataDir}.holders`;
  }

  /** Adds this holder. */
  join(): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const file = this.fileOf(this.own);
    writeFileSync(`${file}.new`, this.markOf(this.own) ?? '', { mode: 0o600 });
    renameSync(`${file}.new`, file); // nobody reads a half-written one and takes it for a dead holder's
  }

  /** Removes this holder and tells whether it was the last. Synchronous: it also runs while the process exits. */
  leave(): boolean {
    rmSync(this.fileOf(this.own), { force: true });
    return this.others().length === 0;
  }

  private others(): string[] {
    return this.entries().filter((holder) => {
      const mark = this.markOf(holder);
      if (mark !== undefined && mark === this.recorded(holder)) return true;
      rmSync(this.fileOf(holder), { force: true });
      return false;
    });
  }

  private entries(): string[] {
    try {
      return readdirSync(this.directory).filter((name) => /^\d+-\d+$/.test(name));
    } catch {
      return [];
    }
  }

  private recorded(holder: string): string | undefined {
    try {
      return readFileSync(this.fileOf(holder), 'utf8');
    } catch {
      return undefined;
    }
  }

  /** Names the folder too: in a copy of it the files speak of holders of the original. */
  private markOf(holder: string): string | undefined {
    const identity = identityOf(Number(holder.split('-')[0]));
    return identity === undefined ? undefined : `${identity} ${this.dataDir}`;
  }

  private fileOf(holder: string): string {
    return join(this.directory, holder);
  }
}
