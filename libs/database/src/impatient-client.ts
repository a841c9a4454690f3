import pg from 'pg';

const READ_ONLY = '25006';

/**
 * A connection that is given up as soon as one query was not answered in time. Whatever is asked of it next would wait as
 * long again, the ROLLBACK of the same transaction first of all, and a pool would hand it to the next caller. So is one
 * that may not write: its session may stay so when the database no longer is.
 */
export class ImpatientClient extends pg.Client {
  /** Told when PostgreSQL let this session write nothing. */
  onReadOnly: () => void = () => undefined;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // between two owners, such as a pool and who takes from it, nobody else listens, and an unheard error ends the process
    this.on('error', () => undefined);
    const ask = (...parameters: unknown[]): unknown => {
      // bound by apply, which takes the many forms of its parameters as they are
      // oxlint-disable-next-line typescript/unbound-method
      const answer: unknown = Reflect.apply(pg.Client.prototype.query, this, parameters);
      // without a promise there was a callback, and then the pool that passed it drops the connection itself
      if (answer instanceof Promise) answer.catch((error: unknown) => this.judge(error));
      return answer;
    };
    Object.defineProperty(this, 'query', { value: ask });
  }

  /** Ends the connection without a word to a server that may never answer; what waits for it fails at once. */
  giveUp(): void {
    this.connection.stream.destroy();
  }

  private judge(error: unknown): void {
    if (!(error instanceof Error)) return;
    const isReadOnly = 'code' in error && error.code === READ_ONLY;
    if (isReadOnly || error.message === 'Query read timeout') this.giveUp();
    if (isReadOnly) this.onReadOnly();
  }
}
