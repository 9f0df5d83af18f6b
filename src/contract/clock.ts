/** Where time comes from: the system's clock, or one that a test moves by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `expired` once, `ms` from now, unless stopped. A waiting timer never keeps the process alive. */
  timer(ms: number, expired: () => void): Timer;
}

export interface Timer {
  stop(): void;
}
