import { AsyncResource } from 'node:async_hooks';

/**
 * Handles together what arrived together: the calls added in one turn of the event loop run one after the other at its
 * end, so that each step of the pipeline is still hot when the next request takes it. Each runs in the asynchronous
 * context it was added in, or the traces of one request would be told of another.
 */
export class RequestBatch<T> {
  private waiting: Waiting<T>[] = [];
  private readonly run = (): void => this.flush();

  constructor(private readonly handle: (item: T) => void) {}

  add(item: T): void {
    if (this.waiting.push(new Waiting(item)) === 1) setImmediate(this.run);
  }

  private flush(): void {
    const batch = this.waiting;
    this.waiting = [];
    let handled = 0;
    try {
      for (const waiting of batch) {
        handled += 1;
        waiting.runInAsyncScope(this.handle, undefined, waiting.item);
      }
    } finally {
      // One that throws must not take those behind it along.
      if (handled < batch.length) {
        this.waiting.unshift(...batch.slice(handled));
        setImmediate(this.run);
      }
    }
  }
}

class Waiting<T> extends AsyncResource {
  constructor(readonly item: T) {
    super('WaitingRequest');
  }
}
