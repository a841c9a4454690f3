// The limit: node:http and nothing else.
import { createServer } from 'node:http';
import { answerParent, cpuMicroseconds } from '../child.mjs';

const server = createServer((_request, response) => {
  response.setHeader('Content-Type', 'application/json; charset=utf-8').end(JSON.stringify({ status: 'ok' }));
});

async function start() {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port };
}

answerParent({ start, usage: () => ({ cpu: cpuMicroseconds() }) });
