/**
 * How Node runs the server. Its heap may grow by half before it is cleaned up, and what is new takes 32 MiB at most: left to
 * itself a download of millions of rows, each of them soon forgotten, takes twice the memory on Node 24.
 */
export const serverOptions = ['--enable-source-maps', '--heap-growing-percent=50', '--max-semi-space-size=16'];
