import { Injectable } from '@nestjs/common';
import { type AuditReceiver, type AuditRecord, AuditSink } from '../audit-sink.js';
import type { AuditCheckpoint } from '../chain/checkpoint.js';
import { AuditSinksConfig } from './audit-sinks.config.js';
import { attempted } from './delivery-attempts.js';

const ANSWER_WITHIN_MS = 5000;

/** Audit events as JSON to one URL, one a request, in order: `{"type": "event" | "checkpoint", ...}`. A 2xx takes it. */
@AuditSink()
@Injectable()
export class WebhookSink implements AuditReceiver {
  readonly isOn: boolean;

  constructor(private readonly config: AuditSinksConfig) {
    this.isOn = config.webhook !== undefined;
  }

  receive(event: AuditRecord): Promise<void> {
    return this.post({ type: 'event', event });
  }

  checkpoint(checkpoint: AuditCheckpoint): Promise<void> {
    return this.post({ type: 'checkpoint', checkpoint });
  }

  private async post(body: object): Promise<void> {
    const { webhook, webhookToken } = this.config;
    if (webhook === undefined) return;
    const headers = {
      'content-type': 'application/json',
      ...(webhookToken === undefined ? {} : { authorization: `Bearer ${webhookToken}` }),
    };
    await attempted(async () => {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      const init = { method: 'POST', headers, body: JSON.stringify(body), redirect: 'error', signal } as const;
      const answer = await fetch(webhook, init);
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`KEYWARD_AUDIT_WEBHOOK answered ${answer.status}`);
    });
  }
}
