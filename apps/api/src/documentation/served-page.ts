import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';

/** Something served as it is, the same for everybody until the next start. */
export interface ServedPage {
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
  /** Its Content-Security-Policy. */
  readonly policy: string;
}

const NOTHING = "default-src 'none'; frame-ancestors 'none'";

export function servedPage(type: string, content: string | Buffer, policy: string = NOTHING): ServedPage {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  return { type, bytes, etag, policy };
}

/** Answers with the page, or 304 where the browser has it. It may keep it, and has to ask whether it is current. */
export function sendPage({ type, bytes, etag, policy }: ServedPage, request: Request, response: Response): void {
  response.setHeader('ETag', etag).setHeader('Cache-Control', 'no-cache');
  if (request.headers['if-none-match'] === etag) {
    response.statusCode = 304;
    response.end();
    return;
  }
  response.setHeader('Content-Type', type).setHeader('Content-Security-Policy', policy);
  response.setHeader('Content-Length', bytes.length).end(bytes);
}

/** The path below which the installation is reached, without a slash at its end: empty unless behind a proxy's path. */
export function basePathOf(baseUrl: string): string {
  return new URL(baseUrl).pathname.replace(/\/$/, '');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
