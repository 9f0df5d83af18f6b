import { performance } from "node:perf_hooks";
import { run } from "../clients.ts";
import type { Resolver } from "./resolver.ts";
import { CLIENT, shown } from "./shown.ts";

const TIMEOUT_S = 1;

/** What dig complains of, which is not that it tries again. */
const COMPLAINTS =
  /^;; (?:(?:Warning|WARNING|Got bad packet): (?!recursion requested)(.*)|(Question section mismatch).*|communications error to \S+: (.*)|.* failed: (.*)\.)$/gm;

/** BIND's dig. */
export function digResolver(port: number): Resolver {
  return {
    types: ["A", "AAAA", "CAA", "MX", "SRV", "TXT"],
    lateMs: 1000 * TIMEOUT_S * CLIENT.late,
    async ask({ name, type }) {
      const start = performance.now();
      const patience = [`+time=${TIMEOUT_S}`, `+tries=${CLIENT.tries}`];
      const { stdout, stderr, code } = await run("dig", ["@127.0.0.1", "-p", String(port), ...patience, name, type]);
      const ms = performance.now() - start;
      return { outcome: toldBy(stdout + stderr) + (code === 0 ? "" : `, exit ${code}`), ms };
    },
    [Symbol.dispose]: () => undefined,
  };
}

function toldBy(said: string): string {
  const status = [...said.matchAll(/status: ([?\w]+)/g)].at(-1)?.[1];
  const [, section = ""] = /^;; ANSWER SECTION:\n((?:.+\n)*)/m.exec(said) ?? [];
  const answers = section.split("\n").flatMap((line) => line.split(/\s+/).slice(4).join(" ") || []);
  const complaints = [...said.matchAll(COMPLAINTS)].map((match) => match.slice(1).find(Boolean) ?? "");
  const parts = [
    ...(status === undefined || (status === "NOERROR" && answers.length > 0) ? [] : [status]),
    ...(answers.length > 0 ? [shown(answers)] : []),
    ...new Set(complaints.map(general)),
  ];
  return parts.join(", ") || "nothing";
}

/** Without what is another the next time. */
function general(complaint: string): string {
  return complaint
    .replace(/ \d+ extra/, " extra")
    .replace(/: expected .*|\s*\(?\d+\.\d+\.\d+\.\d+#\d+\)?.*| - retry with.*|\.$/g, "")
    .trim();
}
