/** A cookie as HAR has it. */
interface HarCookie {
  readonly name: string;
  readonly value: string;
  readonly path?: string;
  readonly domain?: string;
  readonly expires?: string;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
}

/** The cookies of a `Cookie` field (RFC 6265 section 4.2.1). */
export function requestCookies(field: string): HarCookie[] {
  return field.split(";").flatMap((pair) => {
    const [name, value] = split(pair);
    return name === "" ? [] : [{ name, value }];
  });
}

/** The cookie of a `Set-Cookie` field (RFC 6265 section 4.1.1); none, if it has no name. */
export function responseCookies(field: string): HarCookie[] {
  const [first = "", ...attributes] = field.split(";");
  const [name, value] = split(first);
  if (name === "") return [];
  const said = new Map(attributes.map((attribute) => split(attribute)).map(([key, text]) => [key.toLowerCase(), text]));
  const expires = new Date(said.get("expires") ?? "");
  return [
    {
      name,
      value,
      ...(said.has("path") ? { path: said.get("path") as string } : {}),
      ...(said.has("domain") ? { domain: said.get("domain") as string } : {}),
      ...(Number.isNaN(expires.getTime()) ? {} : { expires: expires.toISOString() }),
      httpOnly: said.has("httponly"),
      secure: said.has("secure"),
    },
  ];
}

function split(pair: string): [string, string] {
  const at = pair.indexOf("=");
  return at < 0 ? [pair.trim(), ""] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
}
