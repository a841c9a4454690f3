/**
 * How Node runs the server. V8 sizes its heap by the machine: a download of millions of rows, each of them soon forgotten,
 * takes 400 to 550 MiB of a large one. With an old space of 768 MiB at most, of which a server with a full cache holds 70, and
 * 32 for what is new, it stays below 300 and a call costs the same on Node 20, a few percent more on 24.
 */
export const serverOptions = ['--enable-source-maps', '--max-old-space-size=768', '--max-semi-space-size=16'];
