const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * The slowest files first, so that no worker is left with one at the end. Where nobody has timed them yet, as on a fresh
 * clone, Jest goes by their size, which says little of what they wait for.
 */
module.exports = class EndToEndFirst extends Sequencer {
  sort(tests) {
    const isEndToEnd = ({ context }) => context.config.displayName?.name === 'e2e';
    return super.sort(tests).toSorted((a, b) => isEndToEnd(b) - isEndToEnd(a));
  }
};
