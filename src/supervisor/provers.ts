import type { Endpoint as Address } from "../contract/machine.ts";

/**
 * The harness's own clients while they prove its endpoints, told from everybody else by their address and port.
 *
 * A service may accept a prover before the prover knows its own port; `identified` resolves once every prover that
 * has begun to connect to a port has one.
 */
export class Provers {
  readonly #addresses = new Set<string>();
  /** Who has begun to connect, and the port it connects to. */
  readonly #connecting = new Map<Promise<void>, number>();
  #isOver = false;

  /** Endpoints are being proved: who connects may be a prover. */
  get active(): boolean {
    return !this.#isOver;
  }

  has(peer: Address): boolean {
    return this.#addresses.size > 0 && this.#addresses.has(keyOf(peer));
  }

  identified(port: number): Promise<unknown> {
    return Promise.all([...this.#connecting].filter(([, to]) => to === port).map(([connected]) => connected));
  }

  /** A prover is about to connect to a port: call the result with its own address, or without one if it could not. */
  expect(port: number): (local?: Address) => void {
    let settle: () => void = () => undefined;
    const connected = new Promise<void>((resolve) => {
      settle = resolve;
    });
    this.#connecting.set(connected, port);
    return (local) => {
      if (local) this.#addresses.add(keyOf(local));
      this.#connecting.delete(connected);
      settle();
    };
  }

  /** From now on a port that a prover had is anybody's. */
  finish(): void {
    this.#isOver = true;
    this.#addresses.clear();
  }
}

function keyOf({ address, port }: Address): string {
  return `${address} ${port}`;
}
