import type { TreeRefusal } from "../../src/contract/world.ts";
import type { Reply } from "./wire.ts";

// RFC 959 section 4.2.1: 550 no such file or no access, 552 storage, 553 name not allowed
const REFUSALS: { readonly [why in TreeRefusal]: Reply } = {
  "not-found": { code: 550, text: "No such file or directory." },
  exists: { code: 550, text: "File exists." },
  "not-a-directory": { code: 550, text: "Not a directory." },
  "is-a-directory": { code: 550, text: "Is a directory." },
  "not-empty": { code: 550, text: "Directory not empty." },
  "no-space": { code: 552, text: "Requested file action aborted: exceeded storage allocation." },
  "bad-path": { code: 553, text: "File name not allowed." },
};

export const PERMISSION_DENIED: Reply = { code: 550, text: "Permission denied." };

/** How FTP says why the tree did not do it. */
export function refusal(why: TreeRefusal): Reply {
  return REFUSALS[why];
}
