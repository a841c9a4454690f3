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
  const messages = (rows: string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(4 + rows.length);
    return Buffer.concat([Buffer.from('d'), length, Buffer.from(rows, 'latin1'), Buffer.from('c\0\0\0\x04')]);
  };

  it('follow their statements, which are one message, without waiting for an answer', () => {
    const [calls, groups] = ['\xe9\xff\0', '\x80'];
    const copies = [
      { statement: 'copy t from stdin', rows: calls },
      { statement: 'copy u from stdin', rows: groups },
    ];
    const sent = sentBy(new CopyIn(copies));
    const statements = 'copy t from stdin; copy u from stdin';
    expect(sent.subarray(5, 5 + statements.length).toString()).toBe(statements);
    expect(sent.subarray(5 + statements.length + 1)).toEqual(Buffer.concat([messages(calls), messages(groups)]));
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
