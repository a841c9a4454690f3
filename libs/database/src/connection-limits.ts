/**
 * How long PostgreSQL may keep a caller waiting, in milliseconds. Waiting for a connection and one hung query together
 * stay below the 2.5 s within which a fault must be answered; pg's own defaults wait for ever.
 */
export const connectionLimits = {
  connectionTimeoutMillis: 1000,
  query_timeout: 1300,
  statement_timeout: 1200,
  lock_timeout: 1100,
  idle_in_transaction_session_timeout: 5000,
  keepAlive: true,
} as const;

/**
 * How long a connection may take while nobody waits for an answer: a process that starts is too busy to notice at once
 * that its connection stands, the more so with little CPU.
 */
export const STARTING_CONNECTION_MS = 5000;

/** How long a whole transaction may take, waiting for its connection included; in milliseconds. */
export const TRANSACTION_MS = 2000;
