/**
 * How Node runs the server. V8 sizes its heap by the machine: a download of millions of rows, each of them soon forgotten,
 * takes 400 to 550 MiB of a large one. With an old space of 640 MiB at most, of which a server with a full cache holds 70, and
 * three times 24 for what is new, the process stays below 300, and a call costs what it did.
 *
 * V8 also learns which objects live long and makes the next of their kind in the old space at once (pretenuring). Of answers
 * that wait for their commit it learns the wrong thing: their headers then lie there until a full collection, of 10 to 20 ms,
 * once a second under load.
 */
export const serverOptions = [
  '--import',
  './tools/source-maps.mjs',
  '--max-old-space-size=640',
  '--max-semi-space-size=24',
  '--no-allocation-site-pretenuring',
];
