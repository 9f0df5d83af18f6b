import * as v from "valibot";
import { fromUtf8 } from "../../src/wire/bytes.ts";
import { REASONS, type Reason } from "./disconnect.ts";
import { disconnect, type Goodbye, lastLine } from "./goodbye.ts";

/** What a rule has the service say: at the greeting, or in answer to the client's identification. */
export interface SshReply {
  /** Lines that are no identification. */
  readonly before: Uint8Array | undefined;
  readonly identification: Uint8Array | undefined;
  /** The last words; the service's own, if there are none. */
  readonly goodbye: Goodbye | undefined;
}

const LARGEST = 2 ** 32 - 1;
const PREFIX = "SSH_DISCONNECT_";
const number = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LARGEST));
const WORDS = Object.keys(REASONS).flatMap((name) => [name.slice(PREFIX.length), name]);

const REASON = `a number or one of ${WORDS.filter((_, at) => at % 2 === 0).join(", ")}`;

const reason = v.pipe(
  v.union([number, v.picklist(WORDS)], REASON),
  v.description("The reason code of SSH_MSG_DISCONNECT, or its name, such as `TOO_MANY_CONNECTIONS`."),
);
const end = v.pipe(v.string(), v.description("What ends the identification: CRLF, unless said otherwise."));

/** A reply as rules write it: fields, a reason, an identification, or a line of text. */
export const sshStub = v.union(
  [
    v.pipe(
      v.strictObject({
        before: v.optional(
          v.pipe(
            v.string(),
            v.description("Lines before the identification (RFC 4253 section 4.2), with LF between them."),
          ),
        ),
        identification: v.optional(
          v.pipe(v.string(), v.description("In place of the service's own, whatever it is: `SSH-1.5-old`.")),
        ),
        end: v.optional(end, "\r\n"),
        reason: v.optional(reason),
        description: v.optional(
          v.pipe(v.string(), v.description("The goodbye in words; without a reason, it is a line of text.")),
        ),
      }),
      v.check((written) => Object.keys(written).some((key) => key !== "end"), "a field; there is none to say"),
      v.transform(
        ({ before, identification, end, reason: code, description }): SshReply => ({
          before: before === undefined ? undefined : linesOf(before),
          identification: identification === undefined ? undefined : fromUtf8(identification + end),
          goodbye: goodbyeOf(code, description),
        }),
      ),
    ),
    v.pipe(
      v.union([number, v.picklist(WORDS)]),
      v.transform((code): SshReply => said(goodbyeOf(code, undefined))),
    ),
    v.pipe(
      v.string(),
      // Nobody says goodbye like that: it is a reason, misspelt.
      v.check((line) => !/^[A-Z]+(?:_[A-Z]+)+$/.test(line), REASON),
      v.transform(
        (line): SshReply =>
          line.startsWith("SSH-")
            ? { ...said(undefined), identification: fromUtf8(`${line}\r\n`) }
            : said(lastLine(line)),
      ),
    ),
  ],
  "a reason, an identification, a line of text, or a map of before, identification, end, reason and description",
);

function linesOf(text: string): Uint8Array {
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  return fromUtf8(lines.map((line) => `${line}\r\n`).join(""));
}

function said(goodbye: Goodbye | undefined): SshReply {
  return { before: undefined, identification: undefined, goodbye };
}

function goodbyeOf(reason: number | string | undefined, description: string | undefined): Goodbye | undefined {
  if (reason === undefined) return description === undefined ? undefined : lastLine(description);
  const code = typeof reason === "number" ? reason : REASONS[(PREFIX + reason.replace(PREFIX, "")) as Reason];
  return disconnect(code, description ?? "Said by a rule.");
}
