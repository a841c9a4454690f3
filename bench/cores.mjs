import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * Which core the measured server has for itself, and which one the load and PostgreSQL share. Without taskset, or with a
 * single core, everything runs wherever the system puts it, and the figures say less.
 */
export function chooseCores() {
  const works = spawnSync('taskset', ['-c', '0', 'true']).status === 0;
  if (!works || availableParallelism() < 2) return { pinned: false, server: undefined, load: undefined };
  return { pinned: true, server: 0, load: 1 };
}

/** The command that runs `command` on `core`. */
export function on(core, command) {
  return core === undefined ? command : ['taskset', '-c', String(core), ...command];
}
