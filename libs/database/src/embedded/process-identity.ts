import { readFileSync } from 'node:fs';
import { reasonOf } from './embedded-postgres.error.js';

const ZOMBIE = 'Z';

/**
 * Tells one life of a process id from the next: its start time where the system shows it, else only that it lives.
 * Undefined when no such process runs; one that has ended but was not collected yet counts as gone.
 */
export const identityOf = (pid: number): string | undefined => {
  if (!Number.isInteger(pid) || pid <= 0 || !answersSignals(pid)) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the command's name may hold spaces and brackets, so fields are counted from its closing bracket
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === ZOMBIE ? undefined : fields[19];
  } catch {
    return 'running'; // no /proc here
  }
};

const answersSignals = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return reasonOf(error) === 'EPERM';
  }
};
