import type { Service, Transport } from "../contract/service.ts";
import type { Diagnosis } from "../ports/diagnose.ts";
import type { Owner } from "../ports/owners.ts";

/** A service as it is to be started: under its own name, or several times under several. */
export interface Instance {
  readonly name: string;
  readonly service: Service;
  /** Checked, with defaults. */
  readonly options: unknown;
  /** Asked for; otherwise the plan decides. */
  readonly port?: number | undefined;
  /** Its rules as they are written, checked. */
  readonly rules: readonly unknown[];
}

/** One address on which a service answers, or does not. */
export interface Endpoint {
  readonly name: string;
  readonly service: string;
  readonly transport: Transport;
  /** IANA's port. */
  readonly wellKnown: number;
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly status: "ready" | "failed";
  /** Why it failed, in one sentence. */
  readonly reason?: string;
  readonly code?: Diagnosis["code"];
  /** Who holds the port, if that is the reason and could be found out. */
  readonly owner?: Owner;
  /** What to type next, ready to paste. */
  readonly remedies?: readonly string[];
}

/** An address for a URL: IPv6 in brackets (RFC 3986 section 3.2.2). */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** `PORTWRIGHT_SMTP=127.0.0.1:10025` for each instance, by its first ready endpoint. */
export function environmentOf(endpoints: readonly Endpoint[]): { [variable: string]: string } {
  const variables: { [variable: string]: string } = {};
  for (const { name, host, port, status } of endpoints) {
    const variable = `PORTWRIGHT_${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
    if (status === "ready") variables[variable] ??= `${bracketed(host)}:${port}`;
  }
  return variables;
}
