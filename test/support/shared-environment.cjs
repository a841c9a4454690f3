const { AsyncLocalStorage } = require('node:async_hooks');
const { TestEnvironment } = require('jest-environment-node');

const environments = new Map();
const entered = new Set();
const run = Reflect.get(AsyncLocalStorage.prototype, 'run');
AsyncLocalStorage.prototype.run = function (...call) {
  entered.add(this);
  return run.apply(this, call);
};

class LastingEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.variables = { ...this.global.process.env };
  }

  async setup() {
    const { env } = this.global.process;
    for (const name of Object.keys(env)) delete env[name];
    Object.assign(env, this.variables);
  }

  /** Below Node 24 each storage that was ever entered, as one of Jest's own by every file, slows all later promises down. */
  async teardown() {
    this.fakeTimersModern.useRealTimers(); // a test that fails may leave them, and the next file would wait for ever
    for (const storage of entered) storage.disable();
    entered.clear();
  }
}

/** One global scope for all files of a project in a worker; its environment variables are for each file as they were at first. */
module.exports = function SharedEnvironment(config, context) {
  const { id } = config.projectConfig;
  const { watch, watchAll } = config.globalConfig;
  if (watch || watchAll) return new TestEnvironment(config, context);
  if (!environments.has(id)) environments.set(id, new LastingEnvironment(config, context));
  return environments.get(id);
};
