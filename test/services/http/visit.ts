import * as v from "valibot";
import { loadFixtures } from "../../../fixtures/load.ts";
import { http } from "../../../services/http/index.ts";
import type { HttpContext } from "../../../services/http/options.ts";
import type { Ruled } from "../../../services/http/ruled.ts";
import type { Machine } from "../../../src/contract/machine.ts";
import type { Rules } from "../../../src/contract/rules.ts";
import type { Service } from "../../../src/contract/service.ts";
import { RuleSet } from "../../../src/stub/rule-set.ts";
import { fromLatin1, toLatin1 } from "../../../src/wire/bytes.ts";
import { ManualClock } from "../../../src/world/clock.ts";
import { seededRandom } from "../../../src/world/random.ts";
import { MemoryWorld, WORLD_LIMITS, type WorldLimits } from "../../../src/world/world.ts";
import { MachineDriver } from "../../fuzz/machine-driver.ts";

export type Options = v.InferInput<typeof http.options>;

export function makeContext(
  options: Options = {},
  limits: Partial<WorldLimits> = {},
): HttpContext & { readonly world: MemoryWorld } {
  return {
    options: v.parse(http.options, options),
    world: new MemoryWorld(loadFixtures(), { ...WORLD_LIMITS, ...limits }),
    secure: false,
    hostname: "web.example.test",
    random: seededRandom(1),
  };
}

/** Rules of one instance, on a clock that stands still. */
export function makeRules(options: { readonly triggers?: boolean } = {}): RuleSet {
  const { triggers = false } = options;
  const clock = new ManualClock(0);
  const service = http as unknown as Service;
  return new RuleSet({
    service,
    name: "http",
    clock,
    random: seededRandom(1),
    triggers,
    written: [],
  });
}

export function makeMachine(context: HttpContext, rules?: RuleSet): Machine {
  const asker = { transport: "tcp", peer: { address: "127.0.0.1", port: 40_000 } } as const;
  const machine = http.machine?.(context, rules?.forSession(asker, () => undefined) as Rules<Ruled> | undefined);
  if (!machine) throw new TypeError("http has no machine");
  return machine;
}

/** One connection in memory. Texts are octets. */
export class Visit {
  readonly driver: MachineDriver;

  constructor(context: HttpContext = makeContext(), rules?: RuleSet) {
    this.driver = new MachineDriver(makeMachine(context, rules), http.port);
  }

  /** Says this in pieces, and returns all that has been answered so far. */
  say(...pieces: readonly string[]): string {
    for (const piece of pieces) this.driver.tell({ type: "data", bytes: fromLatin1(piece) });
    return this.answered;
  }

  get answered(): string {
    return toLatin1(this.driver.outcome.sent.get("") ?? fromLatin1(""));
  }

  /** The status lines of the responses, `200 OK`. */
  get statuses(): string[] {
    return [...this.answered.matchAll(/^HTTP\/1\.1 (.*)\r$/gm)].map(([, status]) => String(status));
  }

  get exchanges(): { readonly request: unknown; readonly reply: unknown }[] {
    return this.driver.outcome.records.flatMap((record) =>
      record.do === "exchange" ? [{ request: record.request, reply: record.reply }] : [],
    );
  }

  get notes(): string[] {
    return this.driver.outcome.records.flatMap((record) => (record.do === "note" ? [String(record.event)] : []));
  }

  get isClosed(): boolean {
    return this.driver.closed !== undefined;
  }
}

/** A request with Host, from its first line, further fields and content. */
export function requestText(line: string, fields: readonly string[] = [], content = ""): string {
  return `${[`${line} HTTP/1.1`, "Host: example.test", ...fields].join("\r\n")}\r\n\r\n${content}`;
}

/** The content of the only response. */
export function contentOf(response: string): string {
  return response.slice(response.indexOf("\r\n\r\n") + 4);
}
