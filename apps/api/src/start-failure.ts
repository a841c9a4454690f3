import { installationFault } from '#libs/database';

/** What to tell when the start fails: one clear message for what was foreseen, the whole error for what was not. */
export function startFailure(error: unknown, host: string, port: number): string {
  const fault = installationFault(error);
  if (fault !== undefined) return fault;
  if (error instanceof Error && 'code' in error) {
    const place = `${host}:${port}`;
    if (error.code === 'EADDRINUSE')
      return `${place} is in use by another program. Stop it, or set PORT to a free port.`;
    if (error.code === 'EACCES' && 'syscall' in error && error.syscall === 'listen') {
      return `This user may not listen on ${place}. Set PORT to 1024 or more.`;
    }
    if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
      return `This machine has no address ${host}. Set HOST to one that it has, or to 0.0.0.0.`;
  }
  return `The start failed.\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
