import type { Endpoint } from "../contract/machine.ts";
import type { ProbeStep, Transport } from "../contract/service.ts";
import { type ClientTls, connectTcp, connectUdp, type WireClient } from "../transport/client.ts";
import { concat, fromLatin1, toLatin1 } from "../wire/bytes.ts";

/** How long an endpoint may take to prove itself. */
const PROOF_MS = 5000;

/** A proof that takes longer than this over UDP is asked for again: a datagram may be lost, even here. */
const DATAGRAM_RETRY_MS = 500;

/** Of an answer that is not the expected one. */
const SHOWN_CHARACTERS = 200;

const LOOPBACK_OF: { readonly [any: string]: string } = { "0.0.0.0": "127.0.0.1", "::": "::1" };

export interface ProofTarget {
  /** What the endpoint listens on; of every address of the machine, the loopback's is asked. */
  readonly host: string;
  readonly port: number;
  readonly transport: Transport;
  readonly tls: ClientTls | undefined;
  /** Told the client's own address before it says anything. */
  readonly connected?: (local: Endpoint) => void;
  /** Resolves when what this client sent has arrived: the proof of a service that answers nothing. */
  readonly arrived?: (local: Endpoint) => Promise<unknown>;
}

/**
 * Has a real exchange with an endpoint, as its service's probe describes it.
 * Rejects with what was expected and what came.
 */
export async function prove(steps: readonly ProbeStep[], target: ProofTarget): Promise<void> {
  const came: Uint8Array[] = [];
  let ended = false;
  let failure: Error | undefined;
  let local: Endpoint | undefined;
  let wake: () => void = () => undefined;
  const events = {
    data: (bytes: Uint8Array) => {
      came.push(bytes);
      wake();
    },
    end: () => {
      ended = true;
      wake();
    },
    failed: (error: Error) => {
      failure = error;
      wake();
    },
    connected: (address: Endpoint) => {
      local = address;
      target.connected?.(address);
    },
  };
  const host = LOOPBACK_OF[target.host] ?? target.host;
  const client: WireClient =
    target.transport === "udp"
      ? await connectUdp(host, target.port, events)
      : await connectTcp(host, target.port, events, target.tls);
  const deadline = setTimeout(() => events.failed(new Error(`no answer within ${PROOF_MS} ms`)), PROOF_MS);
  let retry: NodeJS.Timeout | undefined;
  try {
    for (const step of steps) {
      if ("send" in step) {
        const bytes = typeof step.send === "string" ? fromLatin1(step.send) : step.send;
        client.send(bytes);
        if (target.transport === "udp") retry = setInterval(() => client.send(bytes), DATAGRAM_RETRY_MS);
        continue;
      }
      if ("expectEnd" in step) client.end();
      const expected = "expect" in step ? String(step.expect) : "the end";
      for (;;) {
        const text = toLatin1(concat(came));
        if ("expectEnd" in step ? ended : isExpected(text, step.expect)) break;
        const got = text === "" ? "nothing" : JSON.stringify(text.slice(0, SHOWN_CHARACTERS));
        if (failure) throw new Error(`${failure.message}: expected ${expected}, got ${got}`, { cause: failure });
        if (ended || ("expect" in step && isHopeless(text, step.expect)))
          throw new Error(`expected ${expected}, got ${got}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      came.length = 0;
    }
    if (local && !steps.some((step) => !("send" in step))) await target.arrived?.(local);
  } finally {
    clearTimeout(deadline);
    clearInterval(retry);
    client.destroy();
  }
}

function isExpected(text: string, expected: string | RegExp): boolean {
  return typeof expected === "string" ? text.startsWith(expected) : expected.test(text);
}

/** Whatever may still come, it does not begin as expected. */
function isHopeless(text: string, expected: string | RegExp): boolean {
  return typeof expected === "string" && !expected.startsWith(text.slice(0, expected.length));
}
