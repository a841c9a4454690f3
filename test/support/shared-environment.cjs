const { AsyncLocalStorage } = require('node:async_hooks');
const vm = require('node:vm');
const { ModernFakeTimers } = require('@jest/fake-timers');
const { TestEnvironment } = require('jest-environment-node');
const { ModuleMocker } = require('jest-mock');

const environments = new Map();
const entered = new Set();
const run = Reflect.get(AsyncLocalStorage.prototype, 'run');
AsyncLocalStorage.prototype.run = function (...call) {
  entered.add(this);
  return run.apply(this, call);
};

/**
 * An ordinary global scope with everything that is in Jest's. In Jest's each look at a global, be it `Promise`, runs an
 * interceptor and a proxy, which took an eighth of the time of all tests.
 */
function ordinaryGlobal(jests) {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  const global = vm.runInContext('globalThis', context);
  const itsOwn = new Set(Reflect.ownKeys(global));
  for (const name of ['Buffer', 'ArrayBuffer', 'Uint8Array']) itsOwn.delete(name); // those are the process's, as in Jest's
  for (const name of Reflect.ownKeys(jests)) {
    if (itsOwn.has(name)) continue;
    const { enumerable } = Reflect.getOwnPropertyDescriptor(jests, name);
    const define = (property) => Object.defineProperty(global, name, { configurable: true, enumerable, ...property });
    const settle = (value) => define({ value, writable: true });
    define({ get: () => Reflect.get(settle(jests[name]), name), set: settle }); // Node loads some only when they are asked for
  }
  return { context, global: Object.assign(global, { global }) };
}

class LastingEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    Object.assign(this, ordinaryGlobal(this.global));
    this.global.Error.stackTraceLimit = 100;
    this.moduleMocker = new ModuleMocker(this.global);
    this.fakeTimersModern = new ModernFakeTimers({ config: config.projectConfig, global: this.global });
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
