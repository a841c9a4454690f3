import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Database, DatabaseConfig } from '#libs/database';
import { AuditConfig } from '../audit.config.js';
import { AuditSinks } from '../audit-sink.js';
import { type AuditCheckpoint, signCheckpoint } from './checkpoint.js';
import { CheckpointFile } from './checkpoint-file.js';
import { ChainKeys } from './chain-keys.js';
import type { ChainFault } from './chain-fault.js';
import type { ChainPoint } from './chained-event.js';
import { type Ask, chainHead, type ChainHead } from './stored-events.js';
import { verifyStored } from './verification.js';

/** How long a shutdown waits for the last checkpoint. */
const LAST_WRITE_MS = 2000;

/**
 * Signs where the chain stands, every minute in which it has grown and at the end, and takes that out of the database: to
 * a file and to the sinks. Every replica keeps its own: each is whole by itself, and one more copy to compare. What is new
 * is verified before it is signed, so that a signature never covers what somebody slipped in.
 */
@Injectable()
export class CheckpointWriter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('AuditCheckpoints');
  private readonly closing = new AbortController();
  private readonly ask: Ask = (sql, values) => this.database.query(sql, values);
  private readonly file: CheckpointFile | undefined;
  private last: AuditCheckpoint | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly keys: ChainKeys,
    private readonly sinks: AuditSinks,
    private readonly config: AuditConfig,
    databaseConfig: DatabaseConfig,
  ) {
    const { checkpoints } = config;
    const inDataFolder = join(databaseConfig.dataDir, 'audit-checkpoints.jsonl');
    const path = checkpoints ?? (databaseConfig.url === undefined ? inDataFolder : 'off');
    this.file = path === 'off' ? undefined : new CheckpointFile(path);
  }

  onApplicationBootstrap(): void {
    if (this.file !== undefined || this.sinks.exist) this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.running === undefined) return;
    this.closing.abort();
    const written = this.running.then(() => this.tryToWrite());
    await Promise.race([written, delay(LAST_WRITE_MS, undefined, { ref: false })]);
  }

  /**
   * Signs the present head and resolves to the checkpoint; to undefined when there is nothing new.
   * @throws Error when the chain does not verify: then nothing is signed
   */
  async write(): Promise<AuditCheckpoint | undefined> {
    const known = this.last ?? (await this.file?.last());
    const head = await chainHead(this.ask);
    if (known?.position === head.position && known.hash === head.hash) return undefined;
    if (known === undefined && head.position === 0) return undefined;
    const fault = await this.faultSince(known, head);
    if (fault !== null) throw new ChainNotWhole(fault);
    const checkpoint = signCheckpoint(this.keys, { ...head, kind: 'head' }, await this.database.time());
    await this.keep(checkpoint);
    this.last = checkpoint;
    this.sinks.deliverCheckpoint(checkpoint);
    return checkpoint;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      await delay(this.config.checkpointSeconds * 1000, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.tryToWrite();
    }
  }

  private async tryToWrite(): Promise<void> {
    try {
      await this.write();
    } catch (err) {
      if (err instanceof ChainNotWhole)
        this.logger.error({ msg: 'The audit log is not what was written: no checkpoint is signed', fault: err.fault });
      else this.logger.warn({ msg: 'No checkpoint of the audit log could be written; it is tried again', err });
    }
  }

  /** Without a file there is nothing to go on from after a start: then the MACs are checked from there on. */
  private async faultSince(known: AuditCheckpoint | undefined, head: ChainHead): Promise<ChainFault | null> {
    if (known === undefined && this.file === undefined) return null;
    if (known === undefined || known.position <= head.base.position)
      return (
        await verifyStored(this.ask, { keys: this.keys, publicKeys: this.keys.publicKeys }, { until: head.position })
      ).fault;
    const after = await this.placeAt(known.position);
    if (after?.hash !== known.hash)
      return {
        kind: head.position < known.position ? 'tail_cut' : 'rewritten',
        position: known.position,
        id: null,
        detail: `Row ${known.position} is not what the checkpoint of ${known.at} says.`,
      };
    return (
      await verifyStored(
        this.ask,
        { keys: this.keys, publicKeys: this.keys.publicKeys },
        { after, until: head.position },
      )
    ).fault;
  }

  private async placeAt(position: number): Promise<ChainPoint | undefined> {
    const [row] = await this.ask<{ hash: string }>(
      `select encode(hash, 'hex') as hash from audit_events where position = $1`,
      [position],
    );
    return row === undefined ? undefined : { position, hash: row.hash };
  }

  /** Two processes of one machine may share the file: each sees what the other has written. */
  private async keep(checkpoint: AuditCheckpoint): Promise<void> {
    const { file } = this;
    if (file === undefined) return;
    await this.database.transaction(async () => {
      await this.database.serialize(`audit checkpoints ${file.path}`);
      if (((await file.last())?.position ?? -1) < checkpoint.position) await file.append(checkpoint);
    });
  }
}

class ChainNotWhole extends Error {
  constructor(readonly fault: ChainFault) {
    super(fault.detail);
  }
}
