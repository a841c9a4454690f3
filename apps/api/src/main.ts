import 'reflect-metadata';
import { AdministratorCreator } from '#libs/api-keys';
import { assertUsable, migrateUp, openDatabase, readInstallation } from '#libs/database';
import { Shutdown } from '#libs/health';
import { HttpConfig } from '#libs/http';
import { createPino, LogConfig, PinoLogger } from '#libs/log';
import { createApp } from './create-app.js';
import { createFirstAdministrator, welcome } from './first-administrator.js';
import { startFailure } from './start-failure.js';

async function start(): Promise<void> {
  const database = readInstallation();
  const logger = new PinoLogger(createPino(new LogConfig(), process.stdout.isTTY));

  const opened = await openDatabase(database, (line) => logger.log(line, 'Database'));
  const { url } = opened;
  await assertUsable(url);
  const migrations = await migrateUp(url);
  if (migrations.length > 0) logger.log({ msg: 'Migrations applied', migrations }, 'Database');

  const app = await createApp(url, logger);
  const { host, port } = new HttpConfig();
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    app.get(Shutdown).begin();
    await app.close();
    await opened.release();
    logger.flush();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());

  await app.listen(port, host);
  const administrator = await createFirstAdministrator(app.get(AdministratorCreator));
  process.stdout.write(welcome(await app.getUrl(), administrator));
}

start().catch((error: unknown) => {
  const { HOST = '127.0.0.1', PORT = '3000' } = process.env;
  process.stderr.write(`${startFailure(error, HOST, Number(PORT))}\n`);
  process.exit(1);
});
