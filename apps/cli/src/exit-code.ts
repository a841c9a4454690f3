/** What the end of a command tells a script. */
export const ExitCode = { done: 0, refused: 1, usage: 2, installation: 3 } as const;

/** The same in words, for every `--help`. */
export const exitCodes = `Exit codes:
  0  done
  1  refused or failed; standard error says why
  2  wrong usage: an unknown command or option, or a value that is not allowed
  3  the configuration or the database cannot be used as it is`;
