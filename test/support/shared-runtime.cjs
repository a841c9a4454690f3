const { default: Runtime } = require('jest-runtime');

const shared = new Map();

/**
 * Loads each module once for all files of a project in a worker, where Jest loads the application anew for each file, which
 * took a third of all the time. The files themselves are loaded as ever, and everything is while somebody watches: modules change.
 */
module.exports = class SharedRuntime extends Runtime {
  constructor(...options) {
    super(...options);
    const [{ id }, globalConfig] = [options[0], options.at(-1)];
    this.isShared = !globalConfig.watch && !globalConfig.watchAll;
    if (!this.isShared) return;
    const { registries, transformCache } = this;
    if (!(registries?.moduleRegistry instanceof Map && transformCache?.sourceMaps instanceof Map))
      throw new Error(
        'Jest keeps its modules elsewhere than it did: mend this file, or leave "runtime" out of the config.',
      );
    if (!shared.has(id)) shared.set(id, { modules: new Map(), sourceMaps: new Map() });
    const { modules, sourceMaps } = shared.get(id);
    registries.moduleRegistry = modules;
    transformCache.sourceMaps = sourceMaps;
  }

  /** Not Jest's own, which forgets the modules and refuses those that load another one later. */
  teardown() {
    if (!this.isShared) return super.teardown();
    this.registries.moduleRegistry.delete(this._testPath);
    return this.restoreAllMocks();
  }
};
