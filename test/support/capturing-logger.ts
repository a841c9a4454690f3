import type { LoggerService } from '@nestjs/common';

/** Keeps what was logged instead of writing it, so that a test can ask whether a secret was. */
export class CapturingLogger implements LoggerService {
  readonly lines: string[] = [];

  log(...parts: unknown[]): void {
    this.keep('info', parts);
  }
  error(...parts: unknown[]): void {
    this.keep('error', parts);
  }
  warn(...parts: unknown[]): void {
    this.keep('warn', parts);
  }

  private keep(level: string, parts: unknown[]): void {
    const text = parts.map((part) =>
      JSON.stringify(part, (_, value: unknown) => (value instanceof Error ? `${value.stack}` : value)),
    );
    this.lines.push(`${level} ${text.join(' ')}`);
  }
}
