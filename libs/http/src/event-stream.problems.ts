import { defineProblems } from './problem.js';

/** Why no stream of events is opened. */
export const StreamProblems = defineProblems('stream', {
  tooMany: {
    status: 429,
    title: 'Too many streams are open',
    remedy:
      'Close a stream that you no longer read, or share one; 5 may be open with a key at a time, and a quarter of all that a process keeps open with the keys of one organization.',
  },
  unavailable: {
    status: 503,
    title: 'No stream can be opened now',
    remedy:
      'Try again after the time in Retry-After; another replica may answer. For the operator: KEYWARD_STREAMS bounds the streams of a process.',
  },
});
