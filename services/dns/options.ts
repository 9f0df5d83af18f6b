import * as v from "valibot";
import type { Zone } from "../../src/contract/world.ts";
import { fromBase64 } from "../../src/wire/bytes.ts";
import { lowerName, parseName } from "./names.ts";
import { isOutside } from "./outside.ts";
import type { Keys } from "./tsig.ts";
import { isNetwork } from "./views.ts";
import { ZoneError } from "./zone-error.ts";
import { loadZone } from "./zones.ts";

function count(min: number, max: number, description: string) {
  return v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max), v.description(description));
}

/** Zones given as options, by their origin. */
export function zonesOf(texts: { readonly [origin: string]: string }): Zone[] {
  return Object.entries(texts).map(([origin, text]) => ({
    origin: origin.endsWith(".") ? origin : `${origin}.`,
    text,
    source: `zones[${JSON.stringify(origin)}]`,
  }));
}

/** Keys given as options, by their names. */
export function keysOf(secrets: { readonly [name: string]: string }): Keys {
  const keys = Object.entries(secrets).map(
    ([name, secret]) => [lowerName(parseName(name)), fromBase64(secret) as Uint8Array] as const,
  );
  return new Map(keys);
}

function isName(text: string): boolean {
  try {
    parseName(text);
    return true;
  } catch {
    return false; // it throws nothing but that it is none
  }
}

const zoneTexts = v.pipe(
  v.record(v.string(), v.string()),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const zone of zonesOf(dataset.value)) {
      const outcome = loadZone(zone);
      if (outcome instanceof ZoneError) addIssue({ message: outcome.message });
    }
  }),
);

export const dnsOptions = v.strictObject({
  zones: v.optional(
    v.pipe(
      zoneTexts,
      v.description("Zones beside the world's, as master-file text by origin; one replaces the world's of its origin."),
    ),
    {},
  ),
  views: v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          peers: v.array(
            v.pipe(v.string(), v.check(isNetwork, "expected an address, or a network such as 10.0.0.0/8")),
          ),
          zones: zoneTexts,
        }),
      ),
      v.maxLength(1000),
      v.description(
        "Other zones for some clients: `{ peers: [10.0.0.0/8], zones: { ... } }`; the first that names the client.",
      ),
    ),
    [],
  ),
  services: v.optional(
    v.pipe(
      v.boolean(),
      v.description(
        "The zone of the world's domain says where each service is, with its actual port: SRV, MX, addresses.",
      ),
    ),
    false,
  ),
  outside: v.optional(
    v.pipe(
      v.string(),
      v.check(isOutside, "expected refused, nxdomain, synthetic, or addresses such as 192.0.2.1 2001:db8::1"),
      v.description(
        "What names outside of the zones get: `refused`, `nxdomain`, these addresses, or `synthetic`: each its own address.",
      ),
    ),
    "refused",
  ),
  maxUdpOctets: v.optional(
    count(512, 65_535, "The largest UDP answer, for clients whose EDNS size allows it; without EDNS it is 512."),
    1232,
  ),
  any: v.optional(
    v.pipe(
      v.picklist(["minimal", "all"]),
      v.description("What ANY over UDP is answered with: one RRset or a HINFO (RFC 8482), or everything at the name."),
    ),
    "minimal",
  ),
  transfer: v.optional(
    v.pipe(
      v.picklist(["loopback", "any", "none"]),
      v.description("Who may transfer zones (AXFR): clients on loopback addresses, anybody, or nobody."),
    ),
    "loopback",
  ),
  update: v.optional(
    v.pipe(
      v.picklist(["loopback", "any", "none"]),
      v.description("Who may change zones (UPDATE, RFC 2136): clients on loopback addresses, anybody, or nobody."),
    ),
    "loopback",
  ),
  keys: v.optional(
    v.pipe(
      v.record(
        v.pipe(v.string(), v.check(isName, "expected a key's name, such as ddns-key")),
        v.pipe(
          v.string(),
          v.check(
            (text) => (fromBase64(text)?.length ?? 0) > 0,
            "expected base64, such as `openssl rand -base64 32` makes",
          ),
        ),
      ),
      v.description("Secrets in base64 by the names of their keys, for signed messages (TSIG, RFC 8945, hmac-sha256)."),
    ),
    {},
  ),
  signed: v.optional(
    v.pipe(
      v.array(v.picklist(["query", "transfer", "update"])),
      v.description("What must be signed with one of the keys: `query`, `transfer`, `update`."),
    ),
    [],
  ),
  cookies: v.optional(
    v.pipe(
      v.picklist(["answered", "required", "ignored"]),
      v.description("A COOKIE (RFC 7873) is answered; is BADCOOKIE over UDP if it is not one of ours; or is ignored."),
    ),
    "answered",
  ),
  version: v.optional(
    v.pipe(v.string(), v.maxBytes(255), v.description("The answer to version.bind TXT in class CH.")),
    "Portwright",
  ),
  outOfOrderMs: v.optional(
    count(
      0,
      60_000,
      "Over TCP, every other answer waits so many milliseconds for the next to leave first (RFC 7766 section 7); 0: in order.",
    ),
    0,
  ),
  idleMs: v.optional(
    count(
      1,
      86_400_000,
      "A TCP connection without traffic for so many milliseconds is closed (RFC 7766 section 6.2.3).",
    ),
    30_000,
  ),
});

export type DnsOptions = v.InferOutput<typeof dnsOptions>;
