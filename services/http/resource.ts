import type { Reply } from "./reply.ts";
import type { Asked } from "./request.ts";

/** What stands at a path. */
export interface Resource {
  readonly methods: readonly string[];
  answer(asked: Asked): Reply;
  /** The response that no content could change, if there is one. */
  refuse(asked: Asked): Reply | undefined;
}
