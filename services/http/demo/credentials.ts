import { fromBase64, toUtf8 } from "../../../src/wire/bytes.ts";
import { emptyReply, type Header, jsonReply, type Reply } from "../reply.ts";
import type { Asked, Request } from "../request.ts";
import { isToken } from "../token.ts";
import { type DemoEndpoint, demoError } from "./endpoint.ts";

/** Endpoints about who somebody is: authentication and cookies. */
export const CREDENTIALS: readonly DemoEndpoint[] = [
  {
    path: "/basic-auth/{user}/{password}",
    methods: ["GET"],
    doc: "200 for these credentials (RFC 7617), 401 for others.",
    answer: basicAuthReply,
  },
  { path: "/bearer", methods: ["GET"], doc: "200 for any bearer token (RFC 6750), else 401.", answer: bearerReply },
  {
    path: "/cookies",
    methods: ["GET"],
    doc: "The cookies that came.",
    answer: ({ request }) => jsonReply(200, cookiesOf(request)),
  },
  {
    path: "/cookies/set",
    methods: ["GET"],
    doc: "Sets the query's arguments as cookies.",
    answer: (asked) => cookieReply(asked, true),
  },
  {
    path: "/cookies/delete",
    methods: ["GET"],
    doc: "Lets the cookies that the query names expire.",
    answer: (asked) => cookieReply(asked, false),
  },
];

function basicAuthReply({ request }: Asked, [user = "", password = ""]: readonly string[]): Reply {
  const [, credentials = ""] = /^basic +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  const given = toUtf8(fromBase64(credentials) ?? new Uint8Array(0));
  const authorized = given === `${user}:${password}`;
  const [name = ""] = given.split(":");
  const shape = { authenticated: authorized, user: name, authorized };
  if (authorized) return jsonReply(200, shape);
  return jsonReply(401, shape, ["WWW-Authenticate", 'Basic realm="Fake Realm"']);
}

function bearerReply({ request }: Asked): Reply {
  const [, token] = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (token === undefined) return demoError(401, undefined, ["WWW-Authenticate", "Bearer"]);
  return jsonReply(200, { authenticated: true, token });
}

/** RFC 6265 section 5.4: `a=1; b=2`. */
function cookiesOf(request: Request): { readonly [name: string]: string } {
  const cookies: { [name: string]: string } = Object.create(null);
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const [, name, value = ""] = /^\s*([^=]+?)\s*=\s*"?(.*?)"?\s*$/.exec(pair) ?? [];
    if (name !== undefined) cookies[name] = value;
  }
  return cookies;
}

/** RFC 6265 section 4.1.1: what a cookie's value may be made of. */
const COOKIE_VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;

function cookieReply({ request }: Asked, keep: boolean): Reply {
  const cookies: Header[] = [];
  for (const [name, value] of Object.entries(request.query)) {
    const first = typeof value === "string" ? value : (value[0] ?? "");
    if (!isToken(name) || !COOKIE_VALUE.test(first)) return demoError(400, `invalid cookie: ${name}`);
    cookies.push(["Set-Cookie", keep ? `${name}=${first}; Path=/; HttpOnly` : `${name}=; Path=/; HttpOnly; Max-Age=0`]);
  }
  return emptyReply(302, ["Location", "/cookies"], ...cookies);
}
