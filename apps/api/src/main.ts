import 'reflect-metadata';
import { AdministratorCreator } from '#libs/api-keys';
import { assertUsable, migrateUp, openDatabase, readInstallation } from '#libs/database';
import { Shutdown } from '#libs/health';
import { HttpConfig } from '#libs/http';
import { createPino, LogConfig, PinoLogger } from '#libs/log';
import { createApp } from './create-app.js';
import { createFirstAdministrator, welcome } from './first-administrator.js';
import { unrestricted } from './unrestricted-server.js';
import { startFailure } from './start-failure.js';

async function start(): Promise<void> {
  const database = readInstallation();
  const logger = new PinoLogger(createPino(new LogConfig(), process.stdout.isTTY));

  const opened = await openDatabase(database, (line) => logger.log(line, 'Database'));
  await assertUsable(opened.ownerUrl);
  const migrations = await migrateUp(opened.ownerUrl);
  if (migrations.length > 0) logger.log({ msg: 'Migrations applied', migrations }, 'Database');

  const connection = await opened.connectServer();
  if (connection.standing.restriction === 'none') logger.warn(unrestricted(connection), 'Database');

  const app = await createApp(connection.url, logger);
  const { host, port } = new HttpConfig();
  let stopping = false;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping) return;
    stopping = true;
    const begunAt = performance.now();
    logger.log({ msg: 'Stopping once the calls under way are answered', signal }, 'Shutdown');
    app.get(Shutdown).begin();
    await app.close();
    await opened.release();
    logger.log({ msg: 'Stopped', afterMs: Math.round(performance.now() - begunAt) }, 'Shutdown');
    logger.flush();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));

  await app.listen(port, host);
  const administrator = await createFirstAdministrator(app.get(AdministratorCreator));
  process.stdout.write(welcome(await app.getUrl(), administrator));
}

start().catch((error: unknown) => {
  const { HOST = '127.0.0.1', PORT = '3000' } = process.env;
  process.stderr.write(`${startFailure(error, HOST, Number(PORT))}\n`);
  process.exit(1);
});
