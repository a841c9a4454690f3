export { LogConfig } from './log.config.js';
export { createPino, PinoLogger } from './pino-logger.service.js';
export { RepeatedLines } from './repeated-lines.js';
export { RecentFaults, recentFaults, type Fault } from './recent-faults.js';
