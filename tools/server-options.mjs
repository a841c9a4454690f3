/**
 * How Node runs the server. V8 sizes its heap by the machine: a download of millions of rows, each of them soon forgotten,
 * takes 400 to 550 MiB of a large one. With an old space of 640 MiB at most, of which a server with a full cache holds 70, and
 * three times 24 for what is new, the process stays below 300, and a call costs what it did.
 *
 * Nor does V8 place in the old space what outlived its youth before (pretenuring): under load it learns that of the headers
 * of answers that wait for their commit, and each then lies there until a full collection, of 10 to 20 ms, once a second.
 */
export const serverOptions = [
  '--import',
  './tools/source-maps.mjs',
  '--max-old-space-size=640',
  '--max-semi-space-size=24',
  '--no-allocation-site-pretenuring',
];
