import { BlockList, isIPv4 } from "node:net";
import { PortwrightError } from "../errors.ts";
import { canonicalAddress } from "./addresses.ts";

/** Who is answered. */
export interface AllowList {
  allows(address: string): boolean;
}

/**
 * The peers inside any of these CIDR blocks or addresses, IPv4-mapped IPv6 counted as IPv4. Nobody else, not even this
 * machine itself.
 */
export function allowList(blocks: readonly string[]): AllowList {
  // One list a family: a BlockList with ::/0 would contain all of IPv4 too.
  const lists: Lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const block of blocks) add(lists, block);
  return {
    allows(address) {
      const canonical = canonicalAddress(address);
      if (canonical === undefined) return false;
      const family = isIPv4(canonical) ? "ipv4" : "ipv6";
      return lists[family].check(canonical, family);
    },
  };
}

type Lists = { readonly [family in "ipv4" | "ipv6"]: BlockList };

function add(lists: Lists, block: string): void {
  const [, text = "", prefixText] = /^([^/]*)(?:\/(.*))?$/.exec(block) ?? [];
  const address = canonicalAddress(text);
  if (address === undefined) throw invalid(block, `"${text}" is not an IP address`);
  const family = isIPv4(address) ? "ipv4" : "ipv6";
  const widest = family === "ipv4" ? 32 : 128;
  // ::ffff:10.0.0.0/104 is 10.0.0.0/8 (RFC 4291 section 2.5.5.2).
  const mappedBits = family === "ipv4" && text.includes(":") ? 96 : 0;
  const prefix = prefixText === undefined ? widest : Number(prefixText) - mappedBits;
  const isPrefix = prefixText === undefined || /^\d{1,3}$/.test(prefixText);
  if (!isPrefix || prefix < 0 || prefix > widest) {
    throw invalid(block, `the prefix length goes from ${mappedBits} to ${mappedBits + widest}`);
  }
  lists[family].addSubnet(address, prefix, family);
}

function invalid(block: string, why: string): PortwrightError {
  return new PortwrightError("ADDRESS_INVALID", `"${block}" is not a CIDR block such as 192.0.2.0/24: ${why}`, {
    place: "allow",
  });
}
