/** Every way in which Portwright refuses what its user asked for, with what each means. */
export const ERROR_CODES = {
  WAIT_TIMEOUT: "What a test waited for did not happen in time.",
  DIALOGUE_MALFORMED: "A dialogue file has a line that cannot be read.",
  DIALOGUE_DIFFERS: "A service answered a dialogue otherwise than it is written.",
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** What the user did or asked for cannot be done. The message begins with the place, if there is one. */
export class PortwrightError extends Error {
  override readonly name = "PortwrightError";
  readonly code: ErrorCode;
  /** Where the cause stands, such as `services.smtp.port`. */
  readonly place: string | undefined;
  /** What to type next, ready to paste. */
  readonly remedies: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly place?: string; readonly remedies?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    super(
      options.place ? `${options.place}: ${message}` : message,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.code = code;
    this.place = options.place;
    this.remedies = options.remedies ?? [];
  }
}
