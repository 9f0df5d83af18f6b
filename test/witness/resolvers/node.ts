import { promises } from "node:dns";
import { performance } from "node:perf_hooks";
import type { Question, Resolver } from "./resolver.ts";
import { CLIENT, shown } from "./shown.ts";

const TIMEOUT_MS = 500;

/** Node's `dns.Resolver`: c-ares. */
export function nodeResolver(port: number): Resolver {
  return {
    types: ["A", "AAAA", "CAA", "MX", "SRV", "TXT"],
    lateMs: TIMEOUT_MS * CLIENT.late,
    async ask(question) {
      const resolver = new promises.Resolver({ timeout: TIMEOUT_MS, tries: CLIENT.tries });
      resolver.setServers([`127.0.0.1:${port}`]);
      const start = performance.now();
      const outcome = await resolve(resolver, question).catch(({ code }: NodeJS.ErrnoException) => code ?? "?");
      return { outcome, ms: performance.now() - start };
    },
    [Symbol.dispose]: () => undefined,
  };
}

async function resolve(resolver: promises.Resolver, { name, type }: Question): Promise<string> {
  switch (type) {
    case "A":
      return shown(await resolver.resolve4(name));
    case "AAAA":
      return shown(await resolver.resolve6(name));
    case "CAA":
      return shown((await resolver.resolveCaa(name)).map((record) => JSON.stringify(record)));
    case "MX":
      return shown((await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${exchange}.`));
    case "SRV":
      return shown(
        (await resolver.resolveSrv(name)).map(
          ({ priority, weight, port, name: target }) => `${priority} ${weight} ${port} ${target}.`,
        ),
      );
    case "TXT":
      return shown((await resolver.resolveTxt(name)).map((strings) => strings.map((one) => `"${one}"`).join(" ")));
    case "both":
      throw new TypeError("dns.Resolver asks for one family at a time");
  }
}
