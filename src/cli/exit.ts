/** The exit codes of every command. */
export const EXIT = {
  done: 0,
  /** With `--strict` one endpoint, without it every endpoint failed. */
  failed: 1,
  /** Wrong arguments or configuration: nothing was started. */
  usage: 2,
  /** Ctrl-C twice (128 + SIGINT). */
  interrupted: 130,
} as const;
