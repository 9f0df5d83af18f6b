import * as v from "valibot";

const text = (preset: string, description: string) =>
  v.optional(v.pipe(v.string(), v.description(description)), preset);
const flag = (preset: boolean, description: string) =>
  v.optional(v.pipe(v.boolean(), v.description(description)), preset);
const count = (preset: number, description: string) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.description(description)), preset);

/** What a user may set; the README's table says the same. */
export const OPTIONS = v.strictObject({
  greeting: text("", "Text of the 220 greeting; empty: the host's name and what it is."),
  anonymous: flag(true, "Let `anonymous` and `ftp` log in, with any password."),
  anonymousWrite: flag(false, "Let anonymous users write everywhere, not only below `/incoming`."),
  strict: flag(false, "Answer 550 to SIZE in TYPE A."),
  without: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(/^[A-Z]{3,4}$/, "a command in capitals, such as MLSD"))),
      v.description("Commands to answer with 502, and to leave out of FEAT and HELP, such as `MLSD` or `EPSV`."),
    ),
    [],
  ),
  passiveAddress: v.optional(
    v.pipe(
      v.union([v.literal(""), v.pipe(v.string(), v.ipv4())]),
      v.description(
        "IPv4 address to give in 227 replies, for clients behind NAT; empty: the address the client came to.",
      ),
    ),
    "",
  ),
  maxFileOctets: count(256 * 1024 * 1024, "The largest file an upload may make; beyond it 552."),
  maxLineOctets: count(4096, "The longest command line, with its CRLF; beyond it 500."),
  maxLoginFailures: count(3, "The wrong password that ends the session with 421."),
  maxBadCommands: count(25, "The unknown command in a row that ends the session with 421."),
  dataTimeoutMs: count(30_000, "How long a transfer waits for its data connection before 425."),
  // RFC 1123 section 4.1.3.2: at least five minutes
  idleMs: count(300_000, "How long a session may be silent before 421."),
});

export type FtpOptions = v.InferOutput<typeof OPTIONS>;
