import type { Fields } from "../../src/contract/machine.ts";
import type { Reply } from "./reply.ts";

/** What a request says, and how it would be answered; nothing has changed yet. */
export interface Outcome {
  readonly reply: Reply;
  /** What was read from it beyond its verb and argument. */
  readonly fields?: Fields;
  /** What a positive reply to it changes, be it the one above or another: any 2xx, or the code that it `needs`. */
  readonly apply?: () => void;
  readonly needs?: number;
}
