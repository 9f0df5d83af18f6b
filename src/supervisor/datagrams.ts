import type { Endpoint as Address, Fields } from "../contract/machine.ts";
import type { DatagramRules, Ruling } from "../contract/rules.ts";
import type { Context, Service } from "../contract/service.ts";
import { impairDatagram } from "../fault/impair-datagram.ts";
import type { DatagramBinding } from "../journal/entry.ts";
import type { RuleSet } from "../stub/rule-set.ts";
import { listenUdp, type UdpListener } from "../transport/udp.ts";
import type { Surroundings } from "./binding.ts";
import type { Instance } from "./endpoint.ts";

export interface DatagramParts {
  readonly instance: Instance;
  readonly host: string;
  readonly port: number;
  readonly context: Context<unknown>;
  readonly rules: RuleSet;
  readonly surroundings: Surroundings;
  /** Something happened that is no exchange. */
  complain(where: { readonly local: Address; readonly peer: Address }, event: string, error?: Error): void;
}

type Exchanged = ReturnType<DatagramBinding["decode"]>;

/** Binds a service's UDP port: one responder for everybody who sends a datagram. Rejects with the system's error. */
export async function bindDatagrams(parts: DatagramParts): Promise<UdpListener> {
  const { instance, host, port, context, rules, surroundings, complain } = parts;
  const { service, name } = instance;
  const { clock, random, provers } = surroundings;
  const binding = {
    service: service.name,
    name,
    local: { address: host, port },
    decode: (received: Uint8Array, sent: Uint8Array | undefined) => decode(service, received, sent),
  } satisfies DatagramBinding;
  const isProver = (peer: Address) => provers.active && provers.has(peer);

  /** What the rules said to the datagram that is being answered. */
  let ruling: Ruling | undefined;
  let ruledRequest: Fields = {};
  const asked = rules.forDatagrams((rule, _, peer) => {
    const session = { id: 0, service: service.name, name, transport: "udp", local: binding.local, peer } as const;
    surroundings.journalFor(peer).note(session, "rule", { rule });
  });
  const asking: DatagramRules = {
    get any() {
      return asked.any;
    },
    get version() {
      return asked.version;
    },
    couldMatch: asked.couldMatch,
    ask: (request, peer) => {
      ruling = isProver(peer) ? undefined : asked.ask(request, peer);
      ruledRequest = request;
      return ruling;
    },
  };
  const responder = service.responder?.(context, asking);
  if (!responder) throw new TypeError(`${service.name} declares UDP and has no responder`);

  const respond = (bytes: Uint8Array, peer: Address) => {
    const journal = surroundings.journalFor(peer);
    const now = clock.now();
    ruling = undefined;
    const answer = responder.respond(bytes, peer, now);
    const met = rules.hasConnected && !isProver(peer) ? rules.connected({ transport: "udp", peer }) : [];
    if (!ruling && met.length === 0) {
      journal.datagram(binding, now, peer, bytes, answer);
      return answer;
    }
    const ruled = (ruling as Ruling | undefined)?.faults ?? [];
    const request = ruling ? ruledRequest : undefined;
    const faults = [...ruled, ...met.flatMap((one) => one.faults)];
    const effects = faults.flatMap((fault) => (fault.direction === "out" ? [fault.effects] : []));
    const impaired = impairDatagram(answer, effects);
    // What a rule was asked with is what it has seen: `verify` knows it again.
    const decoded = (received: Uint8Array, sent: Uint8Array | undefined) => {
      const exchanged = binding.decode(received, sent);
      return request ? { ...exchanged, request } : exchanged;
    };
    journal.datagram({ ...binding, decode: decoded }, now, peer, bytes, impaired.bytes);
    return impaired;
  };

  const listener = await listenUdp({
    host,
    port,
    clock,
    random,
    datagram: (bytes, peer) => {
      const where = { local: binding.local, peer };
      if (!surroundings.allows(peer)) {
        complain(where, "not-allowed");
        return undefined;
      }
      try {
        return respond(bytes, peer);
      } catch (error) {
        // A crash over one datagram must not cost the next one.
        complain(where, "crash", error as Error);
        return undefined;
      }
    },
    failed: (error) => complain({ local: binding.local, peer: binding.local }, "send-failed", error),
  });
  binding.local.port = listener.local.port;
  return listener;
}

/** A datagram as the service reads it; as octets if it does not, or crashes over it while somebody reads the journal. */
function decode(service: Service, received: Uint8Array, sent: Uint8Array | undefined): Exchanged {
  const reply: Fields = sent ? { data: sent } : {};
  try {
    return service.exchange?.(received, sent) ?? { request: { data: received }, reply };
  } catch (error) {
    return { request: { data: received, crash: (error as Error).stack ?? String(error) }, reply };
  }
}
