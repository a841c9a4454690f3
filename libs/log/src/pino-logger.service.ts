import type { LoggerService } from '@nestjs/common';
import { destination, type DestinationStream, pino, stdSerializers, type Logger, type LoggerOptions } from 'pino';
import pretty from 'pino-pretty';
import type { LogConfig } from './log.config.js';
import { flatLine } from './flat-line.js';
import { LogOutput } from './log-output.js';
import { recentFaults } from './recent-faults.js';
import { withoutSecrets } from './redaction.js';

/**
 * Structured JSON, readable lines on a terminal; written in chunks, flushed on exit. On standard output (1) unless that
 * belongs to something else; on standard error (2) each line is written at once.
 */
export function createPino(config: Pick<LogConfig, 'level'>, terminal: boolean, fd: 1 | 2 = 1): Logger {
  const options: LoggerOptions = {
    level: config.level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { log: withoutSecrets },
    serializers: { err: (error: Error) => withoutSecrets(stdSerializers.err(error)) },
  };
  if (terminal) return pino(options, pretty({ colorize: true, ignore: 'pid,hostname', sync: true, destination: fd }));
  if (fd === 2) return pino(options, destination({ fd, sync: true }));
  return pino(options, new LogOutput(fd));
}

/** What Nest tells of every start, a hundred lines that help nobody at night; with LOG_LEVEL=debug they are there. */
const framework = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

/** Who in Nest logs an error that it throws as well: whoever started it says what was wrong, once and with what to do. */
const rethrowing = new Set(['ExceptionHandler', 'NestApplication']);

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Nest's logger over pino. A message that is an object is logged as fields: messages are constants, facts are fields. */
export class PinoLogger implements LoggerService {
  /** One for each scope, which pino then writes without a copy of every message. */
  private readonly scoped = new Map<string, Logger>();

  private readonly output: DestinationStream;

  constructor(private readonly logger: Logger) {
    this.output = Reflect.get(logger, pino.symbols.streamSym);
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Writes what is buffered; call it before the process ends. */
  flush(): void {
    this.logger.flush();
  }

  private write(level: Level, message: unknown, rest: unknown[]): void {
    const scope = rest.at(-1); // Nest passes the context of `new Logger('Scope')` last
    if (level === 'error' && rethrowing.has(String(scope)) && !this.logger.isLevelEnabled('debug')) return;
    if (level === 'warn' || level === 'error' || level === 'fatal') recentFaults.add(level, message, scope);
    if (!this.logger.isLevelEnabled(level)) return;
    if (level === 'info' && framework.has(String(scope)) && !this.logger.isLevelEnabled('debug')) return;
    if (rest.length === 1 && typeof scope === 'string' && this.writeFlat(level, scope, message)) return;
    const stack = rest.length > 1 && typeof rest[0] === 'string' ? rest[0] : undefined;
    const logger = typeof scope === 'string' ? this.of(scope) : this.logger;
    if (message instanceof Error) logger[level]({ stack, err: message }, message.message);
    else if (typeof message !== 'object' || message === null) logger[level]({ stack }, String(message));
    else logger[level](stack === undefined ? message : { stack, ...message });
  }

  private writeFlat(level: Level, scope: string, message: unknown): boolean {
    if (typeof message !== 'object' || message === null || message instanceof Error) return false;
    const line = flatLine(pino.levels.values[level] ?? 0, scope, message);
    if (line !== undefined) this.output.write(line);
    return line !== undefined;
  }

  private of(scope: string): Logger {
    const known = this.scoped.get(scope);
    if (known !== undefined) return known;
    const logger = this.logger.child({ scope });
    this.scoped.set(scope, logger);
    return logger;
  }
}
