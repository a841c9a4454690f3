import { createSocket } from 'node:dgram';
import { createConnection, type Socket } from 'node:net';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type AuditReceiver, type AuditRecord, AuditSink } from '../audit-sink.js';
import type { AuditCheckpoint } from '../chain/checkpoint.js';
import { AuditSinksConfig } from './audit-sinks.config.js';
import { attempted } from './delivery-attempts.js';
import { syslogMessage } from './syslog-message.js';

const CONNECT_MS = 3000;

/** Audit events as syslog: UDP (RFC 5426), which may lose some, or TCP with octet counting (RFC 6587). */
@AuditSink()
@Injectable()
export class SyslogSink implements AuditReceiver, OnApplicationShutdown {
  readonly isOn: boolean;
  private readonly place: { readonly host: string; readonly port: number; readonly isTcp: boolean } | undefined;
  private connection: Socket | undefined;

  constructor({ syslog }: AuditSinksConfig) {
    const url = syslog === undefined ? undefined : new URL(syslog);
    const isTcp = url?.protocol === 'tcp:';
    const host = url?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
    this.place = url === undefined ? undefined : { host, port: Number(url.port || (isTcp ? 601 : 514)), isTcp };
    this.isOn = this.place !== undefined;
  }

  receive(entry: AuditRecord): Promise<void> {
    return this.send(syslogMessage(entry.action, entry.occurredAt, entry));
  }

  checkpoint(checkpoint: AuditCheckpoint): Promise<void> {
    return this.send(syslogMessage('checkpoint', new Date(checkpoint.at), checkpoint));
  }

  onApplicationShutdown(): void {
    this.connection?.destroy();
  }

  private async send(message: Buffer): Promise<void> {
    const { place } = this;
    if (place === undefined) return;
    const { host, port, isTcp } = place;
    const framed = Buffer.concat([Buffer.from(`${message.length} `), message]);
    await attempted(() => (isTcp ? this.overTcp(host, port, framed) : overUdp(host, port, message)));
  }

  private async overTcp(host: string, port: number, framed: Buffer): Promise<void> {
    const connection = (this.connection ??= await connected(host, port, () => (this.connection = undefined)));
    await new Promise<void>((resolve, reject) => {
      connection.write(framed, (error) => (error == null ? resolve() : reject(error)));
    });
  }
}

function connected(host: string, port: number, lost: () => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, keepAlive: true });
    const timer = setTimeout(() => socket.destroy(new Error(`${host}:${port} did not answer`)), CONNECT_MS);
    socket.unref();
    socket.resume(); // what the other side says is of no interest, but that it has ended is
    socket
      .on('error', reject)
      .on('close', () => {
        clearTimeout(timer);
        lost();
        reject(new Error(`${host}:${port} closed the connection`));
      })
      .on('connect', () => {
        clearTimeout(timer);
        resolve(socket);
      });
  });
}

function overUdp(host: string, port: number, message: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.on('error', reject);
    socket.send(message, port, host, (error) => {
      socket.close();
      if (error === null) resolve();
      else reject(error);
    });
  });
}
