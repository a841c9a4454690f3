import { connect } from 'node:net';

/** What has just been read on any of the connections: each reads it before another does. */
const arrived = Buffer.alloc(65_536);
const HEAD_END = '\r\n\r\n';

/** One keep-alive connection that sends a request, waits for the whole answer, and sends the next. */
export class LoadConnection {
  #next;
  #answered;
  #expected;
  #socket;
  #sentAt = 0;
  #buffered = '';
  #missing = 0;
  #end;
  #fail;

  /** `next` gives the next request, or undefined when it is over; `answered` is told of each answer's milliseconds. */
  constructor({ port, expect }, next, answered) {
    this.#next = next;
    this.#answered = answered;
    this.#expected = String(expect);
    this.finished = new Promise((resolve) => (this.#end = resolve));
    this.failed = new Promise((_resolve, reject) => (this.#fail = reject));
    this.failed.catch(() => undefined); // whoever races for it hears of it
    const onread = { buffer: arrived, callback: (length) => this.#receive(arrived.toString('latin1', 0, length)) };
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread }, () => this.#send());
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('The server closed a connection.')));
  }

  #send() {
    const request = this.#next();
    if (request === undefined) {
      this.#end();
      this.#socket.removeAllListeners('close').destroy();
      return;
    }
    this.#sentAt = performance.now();
    this.#socket.write(request);
  }

  /** `text`: a character is a byte, so that lengths can be counted. */
  #receive(text) {
    if (this.#missing > 0) {
      this.#missing -= text.length;
      if (this.#missing === 0) this.#complete();
      return;
    }
    const answer = this.#buffered === '' ? text : this.#buffered + text;
    const headEnd = answer.indexOf(HEAD_END);
    if (headEnd === -1) {
      this.#buffered = answer;
      return;
    }
    this.#buffered = '';
    if (answer.slice(9, 12) !== this.#expected) {
      this.#fail(new Error(`An answer was not ${this.#expected}:\n${answer}`));
      return;
    }
    this.#missing = headEnd + HEAD_END.length + bodyLength(answer, headEnd) - answer.length;
    if (this.#missing === 0) this.#complete();
    else if (this.#missing < 0) this.#fail(new Error(`An answer is longer than it says:\n${answer}`));
  }

  #complete() {
    this.#answered(performance.now() - this.#sentAt);
    this.#send();
  }
}

const named = ['\r\nContent-Length: ', '\r\ncontent-length: '];

function bodyLength(answer, headEnd) {
  for (const name of named) {
    const at = answer.indexOf(name);
    if (at !== -1 && at < headEnd) return Number.parseInt(answer.slice(at + name.length, at + name.length + 8), 10);
  }
  throw new Error(`An answer does not tell its length:\n${answer}`);
}
