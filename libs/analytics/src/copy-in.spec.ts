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
  it('follow their statement without waiting for an answer', () => {
    const rows = 'é\t1\n';
    const length = Buffer.alloc(4);
    length.writeUInt32BE(4 + Buffer.byteLength(rows));
    const data = Buffer.concat([Buffer.from('d'), length, Buffer.from(rows), Buffer.from('c\0\0\0\x04')]);
    const sent = sentBy(new CopyIn('copy t from stdin', rows));
    expect(sent.subarray(5, 22).toString()).toBe('copy t from stdin');
    expect(sent.subarray(-data.length)).toEqual(data);
  });

  it('are committed when the connection is ready for more', async () => {
    const copy = new CopyIn('copy t from stdin', '1\n');
    copy.handleCopyInResponse();
    copy.handleCommandComplete();
    copy.handleReadyForQuery();
    await expect(copy.committed).resolves.toBeUndefined();
  });

  it('are refused with the error of the server', async () => {
    const copy = new CopyIn('copy t from stdin', '1\n');
    copy.handleError(new Error('disk full'));
    await expect(copy.committed).rejects.toThrow('disk full');
  });
});
