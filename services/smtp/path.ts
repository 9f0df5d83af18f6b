/** A reverse-path or forward-path, and where it ended. */
export interface Path {
  /** The mailbox without source route and needless quoting; "" for the null reverse-path. */
  readonly address: string;
  readonly local: string;
  /** Absent from the null reverse-path and from `<postmaster>`. */
  readonly domain: string | undefined;
  /** RFC 6531: it holds characters beyond ASCII. */
  readonly international: boolean;
  /** The place after its `>`. */
  readonly end: number;
}

// Every alternative below begins with different characters, so that none of them ever backtracks.
// RFC 5321 section 4.1.2; RFC 6531 section 3.3 adds all that is beyond ASCII.
const SOURCE_ROUTE = /@[A-Za-z0-9._\u{80}-\u{10ffff}-]+(?:,@[A-Za-z0-9._\u{80}-\u{10ffff}-]+)*:/uy;
const DOT_STRING =
  /[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u{80}-\u{10ffff}-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u{80}-\u{10ffff}-]+)*/uy;
const QUOTED_STRING = /"(?:[ !#-[\]-~\u{80}-\u{10ffff}]|\\[ -~])*"/uy;
// Quirk: underscores are allowed in host names, for such names exist.
const DOMAIN = /[A-Za-z0-9_\u{80}-\u{10ffff}-]+(?:\.[A-Za-z0-9_\u{80}-\u{10ffff}-]+)*/uy;
const ADDRESS_LITERAL = /\[[!-Z^-~]+\]/uy;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const GENERAL_LITERAL = /^[A-Za-z0-9-]*[A-Za-z0-9]:[!-Z^-~]+$/;

/** Reads `<alice@example.test>`, `<>` and the like from `at` on; `undefined` if that is not a path. */
export function readPath(text: string, at: number): Path | undefined {
  if (text[at] !== "<") return undefined;
  if (text[at + 1] === ">") return { address: "", local: "", domain: undefined, international: false, end: at + 2 };
  // RFC 5321 section 4.1.1.3 and appendix C: source routes are accepted, and ignored.
  let next = at + 1 + match(SOURCE_ROUTE, text, at + 1).length;
  const quoted = match(QUOTED_STRING, text, next);
  const given = quoted || match(DOT_STRING, text, next);
  if (given === "") return undefined;
  next += given.length;
  const local = quoted ? withoutNeedlessQuotes(quoted) : given;
  let domain: string | undefined;
  if (text[next] === "@") {
    const literal = match(ADDRESS_LITERAL, text, next + 1);
    domain = literal || match(DOMAIN, text, next + 1);
    if (domain === "" || (literal && !isAddressLiteral(literal.slice(1, -1)))) return undefined;
    next += 1 + domain.length;
  }
  if (text[next] !== ">") return undefined;
  const address = domain === undefined ? local : `${local}@${domain}`;
  return { address, local, domain, international: /[^\0-\x7f]/.test(address), end: next + 1 };
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

/** RFC 5321 section 4.1.2: a quoted string and its unquoted form are the same mailbox. */
function withoutNeedlessQuotes(quoted: string): string {
  const text = quoted.slice(1, -1).replace(/\\(.)/gsu, "$1");
  if (text !== "" && match(DOT_STRING, text, 0) === text) return text;
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** RFC 5321 section 4.1.3. */
function isAddressLiteral(text: string): boolean {
  if (/^ipv6:/i.test(text)) return isIpv6(text.slice(5));
  return IPV4.test(text) || GENERAL_LITERAL.test(text);
}

function isIpv6(text: string): boolean {
  const halves = text.split("::");
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1);
  if (last !== undefined && IPV4.test(last) && !text.endsWith(":")) groups.splice(-1, 1, "0", "0");
  if (!groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return false;
  return halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length < 8;
}
