import { PassThrough } from 'node:stream';
import { Connection } from 'pg';
import { CopyIn } from './copy-in.js';

/** What PostgreSQL would read from the connection. */
function sentBy(copy: CopyIn): Buffer {
  const stream = new PassThrough();
  copy.submit(new Connection({ stream: () => stream }));
  return stream.read();
}

describe('rows sent by COPY', () => {
  const message = (type: string, content: string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(4 + content.length);
    return Buffer.concat([Buffer.from(type), length, Buffer.from(content, 'latin1')]);
  };

  it('follow their statements, which are one message, without waiting for an answer', () => {
    const [calls, groups] = ['\xe9\xff\0', '\x80'];
    const copies = [
      { statement: 'copy t from stdin', rows: calls },
      { statement: 'copy u from stdin', rows: groups },
    ];
    expect(sentBy(new CopyIn(copies))).toEqual(
      Buffer.concat([
        message('Q', 'copy t from stdin; copy u from stdin\0'),
        ...[calls, groups].flatMap((rows) => [message('d', rows), message('c', '')]),
      ]),
    );
  });

  it('are committed when the connection is ready for more', async () => {
    const copy = new CopyIn([{ statement: 'copy t from stdin', rows: '1\n' }]);
    copy.handleCopyInResponse();
    copy.handleCommandComplete();
    copy.handleReadyForQuery();
    await expect(copy.committed).resolves.toBeUndefined();
  });

  it('are refused with the error of the server', async () => {
    const copy = new CopyIn([{ statement: 'copy t from stdin', rows: '1\n' }]);
    copy.handleError(new Error('disk full'));
    await expect(copy.committed).rejects.toThrow('disk full');
  });
});
