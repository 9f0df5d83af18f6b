import * as v from "valibot";
import { editKeywords, type KeywordEdit } from "./keywords.ts";
import { type Reply, type ReplyForm, reply } from "./reply.ts";
import type { Site } from "./site.ts";
import { wordingOf } from "./standard.ts";

/** What a rule's reply answers. */
export interface Asked {
  /** The verb, `MESSAGE`, or `GREETING`. */
  readonly command: string;
  /** What the service itself would have said. */
  readonly own: Reply;
  readonly site: Site;
}

/** A rule's reply: where it says less than all, the rest depends on what is asked. */
export type RuledReply = (asked: Asked) => Reply;

/** What a reply says, as far as a rule says it. */
interface Written {
  readonly code: number;
  /** `false`: none. */
  readonly enhanced?: string | false | undefined;
  readonly text?: string | undefined;
  readonly capabilities?: readonly string[] | KeywordEdit | undefined;
}

const code = v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599));
const enhanced = v.pipe(
  v.string(),
  v.regex(/^[245]\.\d{1,3}\.\d{1,3}$/, "expected an enhanced status code such as 4.2.2"),
);
const lines = v.pipe(
  v.string(),
  v.regex(/^[^\0-\x08\x0b-\x1f\x7f]*$/, "expected text without control characters; octets are for a raw fault"),
);
const keyword = v.pipe(v.string(), v.regex(/^[!-~]+(?: [!-~]+)*$/, "expected a keyword such as SIZE 1000"));
const keywords = v.array(keyword);

const LINE_ENDS = { crlf: "\r\n", lf: "\n", cr: "\r", none: "" } as const;

const fields = v.pipe(
  v.strictObject({
    code: v.optional(v.pipe(code, v.description("200 to 599; 250 where `capabilities` are given."))),
    enhanced: v.optional(
      v.pipe(
        v.union([enhanced, v.literal(false)], "an enhanced status code such as 4.2.2, or false"),
        v.description(
          "Such as `4.2.2`; `false` for none. Otherwise the one that the code usually goes with (none in the greeting and for HELO and EHLO).",
        ),
      ),
    ),
    text: v.optional(
      v.pipe(
        v.union([lines, v.array(lines)], "a text or a list of lines"),
        v.description("Lines as a list, or with `\\n` between them. Otherwise what the codes usually say."),
      ),
    ),
    capabilities: v.optional(
      v.pipe(
        v.union(
          [keywords, v.strictObject({ with: v.optional(keywords), without: v.optional(keywords) })],
          "a list of keywords, or a map of with and without",
        ),
        v.description(
          'What EHLO lists: these lines and no others, twice the same if so wished; or `{ without: ["PIPELINING"], with: ["SIZE 10"] }` of the service\'s own. It is only said: what the service can do stays.',
        ),
      ),
    ),
    codes: v.optional(
      v.pipe(
        v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(999))),
        v.nonEmpty("expected at least one code"),
        v.description(
          "Broken: each line's own code, which differ. To the service the reply means `code`, or the first.",
        ),
      ),
    ),
    lineEnd: v.optional(
      v.pipe(
        v.picklist(["crlf", "lf", "cr", "none"]),
        v.description("Broken: lines end in `lf` or `cr` alone, or not at all (`none`)."),
      ),
    ),
    unfinished: v.optional(
      v.pipe(v.boolean(), v.description("Broken: the last line has a hyphen, so the client waits for another.")),
    ),
    octets: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.maxValue(1_000_000),
        v.description(
          "Broken beyond the 512 of RFC 5321 section 4.5.3.1.5: the last line is filled up to so many octets.",
        ),
      ),
    ),
  }),
  v.forward(
    v.check(
      (written) => written.code !== undefined || written.codes !== undefined || written.capabilities !== undefined,
      "expected a code",
    ),
    ["code"],
  ),
  v.forward(
    v.check(
      ({ capabilities, text }) => capabilities === undefined || text === undefined,
      "expected text or capabilities, not both",
    ),
    ["text"],
  ),
  v.transform(({ text, codes, lineEnd, unfinished, octets, ...written }): RuledReply => {
    const said = {
      ...written,
      code: written.code ?? codes?.[0] ?? 250,
      text: Array.isArray(text) ? text.join("\n") : text,
    };
    const form: ReplyForm = { codes, unfinished, octets, lineEnd: lineEnd && LINE_ENDS[lineEnd] };
    return (asked) => fillIn(said, asked, form);
  }),
);

/** `452 4.2.2 mailbox full`. */
const LINE = /^([2-5]\d\d)(?: ([245]\.\d{1,3}\.\d{1,3}))?(?: (.*))?$/s;
/** The same in several lines, as they are sent. */
const LINES = /^([2-5]\d\d)-.*\n(?:\1-.*\n)*\1 .*$/;

const line = v.pipe(
  lines,
  v.check((written) => LINE.test(written) || LINES.test(written)),
  v.transform((written): RuledReply => {
    const said = readLine(written);
    return (asked) => fillIn(said, asked);
  }),
);

function readLine(written: string): Written {
  const [, number, status, text] = LINE.exec(written) ?? [];
  if (number === undefined) {
    const texts = written.split("\n").map((one) => one.slice(4));
    return { code: Number(written.slice(0, 3)), enhanced: false, text: texts.join("\n") };
  }
  return { code: Number(number), enhanced: status ?? (text === undefined ? undefined : false), text };
}

/** A reply as rules write it: fields, the line as it is sent, or only the code. */
export const smtpStub = v.union(
  [
    fields,
    line,
    v.pipe(
      code,
      v.transform(
        (number): RuledReply =>
          (asked) =>
            fillIn({ code: number }, asked),
      ),
    ),
  ],
  'a code from 200 to 599, a line such as "452 4.2.2 mailbox full", or a map of code, enhanced and text',
);

function fillIn({ code, enhanced, text, capabilities }: Written, asked: Asked, form: ReplyForm = {}): Reply {
  const { command, own, site } = asked;
  const { hostname } = site.context;
  const status = enhanced === false ? undefined : enhanced;
  if (capabilities) {
    const listed = editKeywords(site.keywords, capabilities);
    return reply(code, status, [hostname, ...listed].join("\n"), form);
  }
  const isOwn = code === own.fields.code && (enhanced === undefined || status === own.fields.enhanced);
  const usual = isOwn ? own.fields : wordingOf(command, code, status);
  return reply(
    code,
    enhanced === undefined ? usual.enhanced : status,
    text ?? usual.text.replace("<host>", hostname),
    form,
  );
}
