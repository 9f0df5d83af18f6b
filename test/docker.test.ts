import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { services } from "../services/registry.ts";
import type { Service } from "../src/contract/service.ts";

const read = (name: string) => readFileSync(new URL(`../docker/${name}`, import.meta.url), "utf8");
const ports = Object.values<Service>(services).flatMap(({ port, transports }) =>
  transports.map((transport) => ({ port, transport })),
);
const { channelPorts } = parse(read("portwright.config.yaml")) as { channelPorts: string };

describe("the container", () => {
  it("exposes the port of every service, and the data connections', and no other", () => {
    const exposed = /^EXPOSE ((?:.*\\\n)*.*)$/m.exec(read("Dockerfile"))?.[1]?.match(/[\d-]+\/\w+/g);
    const wanted = [...ports.map(({ port, transport }) => `${port}/${transport}`), `${channelPorts}/tcp`];
    expect(exposed?.toSorted()).toEqual(wanted.toSorted());
  });

  it("is published on the loopback alone, at well-known port + 10000", () => {
    const compose = parse(read("compose.yaml")) as { services: { portwright: { ports: string[] } } };
    const wanted = ports.map(({ port, transport }) => `127.0.0.1:${10_000 + port}:${port}/${transport}`);
    wanted.push(`127.0.0.1:${channelPorts}:${channelPorts}/tcp`);
    expect(compose.services.portwright.ports.toSorted()).toEqual(wanted.toSorted());
  });
});
