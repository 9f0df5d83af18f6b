import type { Transport } from "../contract/service.ts";
import type { ErrorCode } from "../errors.ts";
import { canonicalAddress, covers, hostAndPort, isWildcard, mayCover } from "./addresses.ts";
import { freePort } from "./free-port.ts";
import type { HeldSocket } from "./held-socket.ts";
import { type Owner, ownersOf, ownerText } from "./owners.ts";
import { portSpec } from "./plan.ts";
import { mayBind } from "./privilege.ts";
import { readSocketTable, type SocketTable } from "./socket-table.ts";
import { isResolved, revealCommands, stopCommands } from "./stop-commands.ts";
import { type System, thisSystem } from "./system.ts";

/** Where a service listens, or wanted to. */
export interface Binding {
  readonly name: string;
  readonly service: string;
  readonly wellKnown: number;
  readonly transport: Transport;
  readonly host: string;
  readonly port: number;
}

/** Why a binding cannot be had, or is not what it seems, for people and for programs. */
export interface Diagnosis {
  readonly code: ErrorCode;
  /** One sentence. */
  readonly reason: string;
  readonly owner?: Owner;
  /** Ready-to-paste commands, the gentlest first; nothing is ever run. */
  readonly remedies: readonly string[];
}

/** What a bind or listen call failed with. */
export interface BindError {
  readonly code?: string | undefined;
  readonly message: string;
}

const CODES: { readonly [error: string]: ErrorCode } = {
  EACCES: "PORT_FORBIDDEN",
  EPERM: "PORT_FORBIDDEN",
  EADDRINUSE: "PORT_TAKEN",
  EADDRNOTAVAIL: "ADDRESS_ABSENT",
  EAFNOSUPPORT: "ADDRESS_ABSENT",
};

const OFFSETS = [10_000, 20_000, 30_000, 40_000, 50_000];
const HIGHEST_PORT = 65_535;

/** Turns a failed bind into what a person can act on. A table read before may be given; otherwise the sockets are read now. */
export async function diagnose(
  binding: Binding,
  error: BindError,
  system: System = thisSystem,
  given?: SocketTable,
): Promise<Diagnosis> {
  const table = given ?? (await readSocketTable(system));
  switch (CODES[error.code ?? ""]) {
    case "PORT_FORBIDDEN":
      return forbidden(binding, error, system, table);
    case "PORT_TAKEN":
      return taken(binding, system, table);
    case "ADDRESS_ABSENT":
      return absent(binding, system);
    default:
      return { code: "PORT_UNUSABLE", reason: `${cannot(binding)}: ${error.message}.`, remedies: [] };
  }
}

/** The sockets in the way of a binding: those that listen, and where none does, connections that use the number. */
export function socketsInTheWay(binding: Binding, table: SocketTable): HeldSocket[] {
  const host = canonicalAddress(binding.host) ?? binding.host;
  const clashing = (table.sockets ?? []).filter(
    ({ transport, port, address }) =>
      transport === binding.transport && port === binding.port && (covers(host, address) || mayCover(address, host)),
  );
  const listening = clashing.filter(({ state }) => state === "listening");
  const held = listening.length > 0 ? listening : clashing;
  // `::` may be IPv6 only, and then is not in the way of IPv4: whoever is nearer goes first.
  const distance = ({ address }: HeldSocket) => (address === host ? 0 : address === "::" ? 2 : 1);
  return held.sort((a, b) => distance(a) - distance(b));
}

async function taken(binding: Binding, system: System, table: SocketTable): Promise<Diagnosis> {
  const [owner] = await ownersOf(socketsInTheWay(binding, table).slice(0, 1), system);
  const remedies = await elsewhere(binding, table);
  if (owner === undefined) {
    const why = table.noWay ?? "no table of this system shows by whom: a socket that is bound and does not listen";
    const reason = `${cannot(binding)}: the port is taken, and ${why}.`;
    return { code: "PORT_TAKEN", reason, remedies: [...remedies, ...revealCommands(binding, system)] };
  }
  const specific = isWildcard(binding.host) && !isWildcard(owner.address);
  return {
    code: "PORT_TAKEN",
    reason: `${cannot(binding)}: ${holding(owner, binding, system)}.`,
    owner,
    remedies: [...(specific ? ["portwright up --host localhost"] : []), ...remedies, ...stopCommands(owner, system)],
  };
}

function holding(owner: Owner, { host, port }: Binding, system: System): string {
  const who = ownerText(owner);
  if (owner.pid === system.pid) return "this very process already has it, in another harness or listener";
  const where = owner.address === canonicalAddress(host) ? "it" : `${hostAndPort(owner.address, port)}, which overlaps`;
  if (isResolved(owner)) return `systemd-resolved, the system's local name server, has ${where}: ${who}`;
  if (owner.state === "connected") return `${who} uses the number for a connection of its own`;
  const twin = /\bportwright\b/.test(owner.command ?? "");
  return twin ? `another portwright has ${where}, perhaps in another terminal: ${who}` : `${who} already has ${where}`;
}

async function forbidden(binding: Binding, error: BindError, system: System, table: SocketTable): Promise<Diagnosis> {
  const { host, port, transport } = binding;
  const privilege = mayBind(port, host, system);
  const remedies = (await elsewhere(binding, table)).reverse();
  if (system.platform === "win32") {
    const why = "Windows has reserved the port, or its holder shares it with nobody";
    const show = `netsh interface ipv4 show excludedportrange protocol=${transport}`;
    return { code: "PORT_FORBIDDEN", reason: `${cannot(binding)}: ${why}.`, remedies: [...remedies, show] };
  }
  if (privilege.allowed) {
    const why = `${privilege.why}, yet the system refuses (${error.message}): a sandbox or security policy is in the way`;
    return { code: "PORT_FORBIDDEN", reason: `${cannot(binding)}: ${why}.`, remedies };
  }
  const [owner] = await ownersOf(socketsInTheWay(binding, table).slice(0, 1), system);
  const also = owner === undefined ? "" : `; besides, ${ownerText(owner)} already has it`;
  return {
    code: "PORT_FORBIDDEN",
    reason: `${cannot(binding)}: ${privilege.why}${also}.`,
    ...(owner === undefined ? {} : { owner }),
    remedies: [...remedies, ...permissions(port, system)],
  };
}

/** Ways to be allowed a low port. */
function permissions(port: number, system: System): string[] {
  const asRoot = `sudo ${shellWord(system.execPath)} "$(command -v portwright)" up --user ${shellWord(system.user)}`;
  if (system.platform === "darwin") return ["portwright up --host 0.0.0.0 --expose --allow 127.0.0.0/8", asRoot];
  if (system.platform !== "linux") return [asRoot];
  const forAll = `sudo sysctl net.ipv4.ip_unprivileged_port_start=${port}`;
  // Root without the capability is root in a container: neither of the others would help there.
  if (system.uid === 0) return [forAll];
  return [forAll, `sudo setcap cap_net_bind_service=+ep ${shellWord(system.execPath)}`, asRoot];
}

function absent(binding: Binding, system: System): Diagnosis {
  const addresses = system.addresses();
  const isV6Off = binding.host.includes(":") && !addresses.some((address) => address.includes(":"));
  const why = isV6Off
    ? "IPv6 is switched off on this machine"
    : `no interface of this machine has that address; there are ${addresses.join(", ")}`;
  return {
    code: "ADDRESS_ABSENT",
    reason: `${cannot(binding)}: ${why}.`,
    remedies: ["portwright up --host localhost", "portwright up --host 127.0.0.1"],
  };
}

/** Ways to listen on another number: this instance alone, or all with one offset. */
async function elsewhere(binding: Binding, table: SocketTable): Promise<string[]> {
  const { wellKnown, port } = binding;
  const isHeld = (candidate: number) => (table.sockets ?? []).some((socket) => socket.port === candidate);
  const offsets = OFFSETS.filter((offset) => {
    const candidate = wellKnown + offset;
    return candidate <= HIGHEST_PORT && candidate !== port && !isHeld(candidate);
  });
  const free = await freePort(offsets.map((offset) => wellKnown + offset));
  const [offset] = offsets;
  const one = `portwright up ${portSpec(binding, free)}`;
  return offset === undefined ? [one] : [one, `portwright up --ports offset:${offset}`];
}

function cannot({ name, host, port, transport }: Binding): string {
  return `${name} cannot listen on ${hostAndPort(host, port)} (${transport})`;
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
