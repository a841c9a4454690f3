import { defineSeam, hasMethods } from '#libs/extensions';
import type { Problem } from './problem.js';

/** Knows what an error of some library or driver means to a client. */
export interface ErrorTranslator {
  /** The problem that `error` amounts to; undefined when this translator does not know it. */
  translate(error: unknown): Problem | undefined;
}

/** Marks a provider as an ErrorTranslator: the problem filter asks it before answering 500. */
export const TranslatesErrors = defineSeam<ErrorTranslator>(
  'TranslatesErrors',
  (candidate): candidate is ErrorTranslator => hasMethods(candidate, 'translate'),
);
