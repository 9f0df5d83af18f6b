import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answers, type Server, server, spawnOn } from "./processes.ts";

/** The names that the load asks for, with one address each; nowhere.example.test has none. */
const ADDRESSES = { www: "127.0.0.1", mail: "127.0.0.1" } as const;

const port = () => 20_000 + (process.pid % 10_000);

/** unbound (C) with the same names as local data, on one core. */
export async function startUnbound(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "portwright-bench-"));
  const file = join(folder, "unbound.conf");
  const data = Object.entries(ADDRESSES).map(
    ([name, address]) => `  local-data: "${name}.example.test. 300 A ${address}"`,
  );
  writeFileSync(
    file,
    [
      "server:",
      `  directory: "${folder}"`,
      '  chroot: ""',
      '  username: ""',
      '  pidfile: ""',
      "  do-daemonize: no",
      "  use-syslog: no",
      "  num-threads: 1",
      "  interface: 127.0.0.1",
      `  port: ${port()}`,
      "  do-ip6: no",
      "  incoming-num-tcp: 100",
      '  local-zone: "example.test." static',
      '  local-data: "example.test. 300 MX 10 mail.example.test."',
      ...data,
      "remote-control:",
      "  control-enable: no",
      "",
    ].join("\n"),
  );
  return started("unbound", ["-d", "-c", file]);
}

/** dnsmasq (C) with the same names, on one core. */
export async function startDnsmasq(): Promise<Server> {
  const records = Object.entries(ADDRESSES).map(([name, address]) => `--host-record=${name}.example.test,${address}`);
  const args = ["-k", "-C", "/dev/null", "-h", "-R", "-u", "", "-x", "", `-p${port()}`, "-a", "127.0.0.1", "-z"];
  return started("dnsmasq", [
    ...args,
    "--local=/example.test/",
    "--mx-host=example.test,mail.example.test,10",
    ...records,
  ]);
}

async function started(command: string, args: readonly string[]): Promise<Server> {
  const child = spawnOn("0", command, args);
  const gone = once(child, "exit").then(() => {
    throw new Error(`${command} ended`);
  });
  while (!(await Promise.race([answers(port()), gone])));
  return server(child, port());
}
