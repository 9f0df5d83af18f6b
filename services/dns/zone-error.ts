/** A zone's text cannot be served: what was expected, after `source:line: `. */
export class ZoneError extends Error {
  override readonly name = "ZoneError";
  readonly source: string;
  readonly line: number;
  /** The message without the place. */
  readonly problem: string;

  constructor(source: string, line: number, problem: string, cause?: unknown) {
    super(`${source}:${line}: ${problem}`, { cause });
    this.source = source;
    this.line = line;
    this.problem = problem;
  }
}
