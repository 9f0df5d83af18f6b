import { describe, expect, it } from "vitest";
import { Harness } from "../../src/index.ts";
import { check, mistake, registry } from "./fixture.ts";

const SETTINGS =
  "services, ports, host, expose, allow, strict, triggers, clock, seed, channelPorts, graceMs, user, world, limits";
const SERVICES = Object.keys(registry).join(", ");

describe("a document that is wrong", () => {
  it.each<[document: unknown, message: string]>([
    [null, "CONFIG_INVALID the document: expected a map, got null"],
    ["smtp", 'CONFIG_INVALID the document: expected a map, got "smtp"'],
    [5, "CONFIG_INVALID the document: expected a map, got 5"],
    [["smtp"], "CONFIG_INVALID the document: expected a map, got a list"],
    [{ servces: ["smtp"] }, 'CONFIG_INVALID servces: unknown key, did you mean "services"?'],
    [{ Ports: "auto" }, 'CONFIG_INVALID Ports: unknown key, did you mean "ports"?'],
    [{ colour: "red" }, `CONFIG_INVALID colour: unknown key; known are $schema, ${SETTINGS}`],
    [{ $schema: 5 }, "CONFIG_INVALID $schema: expected a string, got 5"],
    // services
    [{ services: "smtp" }, 'CONFIG_INVALID services: expected a list or a map, got "smtp"'],
    [{ services: null }, "CONFIG_INVALID services: expected a list or a map, got null"],
    [{ services: [] }, "CONFIG_INVALID services: no service is named; leave it out for all of them"],
    [{ services: {} }, "CONFIG_INVALID services: no service is named; leave it out for all of them"],
    [{ services: ["smtp", "dsn"] }, 'SERVICE_UNKNOWN services[1]: there is no service "dsn"; did you mean "dns"?'],
    [{ services: ["gopher"] }, `SERVICE_UNKNOWN services[0]: there is no service "gopher"; there are ${SERVICES}`],
    [{ services: ["smtp", 5] }, "CONFIG_INVALID services[1]: expected a string, got 5"],
    [
      { services: ["smtp", "dns", "smtp"] },
      "CONFIG_INVALID services[2]: smtp is named twice; give one of them a name of its own",
    ],
    [{ services: { smpt: true } }, 'SERVICE_UNKNOWN services.smpt: there is no service "smpt"; did you mean "smtp"?'],
    [
      { services: { backup: { port: 2525 } } },
      `SERVICE_UNKNOWN services.backup: there is no service "backup"; there are ${SERVICES}; ` +
        'under a name of your own, say which: service: "smtp"',
    ],
    [
      { services: { backup: { service: "smpt" } } },
      'SERVICE_UNKNOWN services.backup.service: there is no service "smpt"; did you mean "smtp"?',
    ],
    [
      { services: { toString: true } },
      `SERVICE_UNKNOWN services.toString: there is no service "toString"; there are ${SERVICES}; ` +
        'under a name of your own, say which: service: "smtp"',
    ],
    [
      { services: { "two words": { service: "smtp" } } },
      'CONFIG_INVALID services["two words"]: a name has letters, digits, dots, _ and -, and begins with a letter',
    ],
    [{ services: { smtp: false } }, "CONFIG_INVALID services.smtp: expected true or a map, got false"],
    [{ services: { smtp: null } }, "CONFIG_INVALID services.smtp: expected true or a map, got null"],
    [{ services: { smtp: 2525 } }, "CONFIG_INVALID services.smtp: expected true or a map, got 2525"],
    [{ services: { smtp: { prt: 25 } } }, 'CONFIG_INVALID services.smtp.prt: unknown key, did you mean "port"?'],
    [{ services: { smtp: { bannr: "x" } } }, 'CONFIG_INVALID services.smtp.bannr: unknown key, did you mean "banner"?'],
    [{ services: { smtp: { port: "25" } } }, 'CONFIG_INVALID services.smtp.port: expected a number, got "25"'],
    [{ services: { smtp: { port: -1 } } }, "CONFIG_INVALID services.smtp.port: expected at least 0, got -1"],
    [{ services: { smtp: { port: 65_536 } } }, "CONFIG_INVALID services.smtp.port: expected at most 65535, got 65536"],
    [{ services: { smtp: { port: 2.5 } } }, "CONFIG_INVALID services.smtp.port: expected a whole number, got 2.5"],
    [{ services: { smtp: { banner: 5 } } }, "CONFIG_INVALID services.smtp.banner: expected a string, got 5"],
    [
      { services: { smtp: { banner: `${"x".repeat(500)}` } } },
      "CONFIG_INVALID services.smtp.banner: expected one line of 1 to 400 printable ASCII characters, " +
        `got "${"x".repeat(60)}..."`,
    ],
    [
      { services: { mx: { service: "smtp", recipients: "some" } } },
      'CONFIG_INVALID services.mx.recipients: expected "any" or "known", got "some"',
    ],
    [{ services: { smtp: { maxErrors: 0 } } }, "CONFIG_INVALID services.smtp.maxErrors: expected at least 1, got 0"],
    [
      { services: { ftp: { without: ["MLSD", "list"] } } },
      'CONFIG_INVALID services.ftp.without[1]: expected a command in capitals, such as MLSD, got "list"',
    ],
    // ports and addresses
    [
      { ports: "atuo" },
      'PORT_SCHEME_UNKNOWN ports: "atuo" is not a port scheme: did you mean auto? Schemes are auto, well-known, ephemeral and offset:N',
    ],
    [
      { ports: "offset:99999" },
      'PORT_SCHEME_UNKNOWN ports: "offset:99999" is not a port scheme: offset takes a number from 0 to 65535, such as offset:20000',
    ],
    [{ ports: 10_025 }, "CONFIG_INVALID ports: expected a string, got 10025"],
    [{ host: [] }, "CONFIG_INVALID host: no address is named"],
    [{ host: 5 }, "CONFIG_INVALID host: expected a string or a list, got 5"],
    [{ host: ["::1", 5] }, "CONFIG_INVALID host[1]: expected a string, got 5"],
    [
      { host: "mail.example.test" },
      'ADDRESS_INVALID host: "mail.example.test" is not an IP address; a harness listens on addresses',
    ],
    [{ host: "0.0.0.0" }, "EXPOSURE_REFUSED host: 0.0.0.0 can be reached by other machines, which must be asked for"],
    [{ expose: "yes" }, 'CONFIG_INVALID expose: expected true or false, got "yes"'],
    [{ allow: "10.0.0.0/8" }, 'CONFIG_INVALID allow: expected a list, got "10.0.0.0/8"'],
    [
      { allow: ["10.0.0.0/33"] },
      'ADDRESS_INVALID allow: "10.0.0.0/33" is not a CIDR block such as 192.0.2.0/24: the prefix length goes from 0 to 32',
    ],
    [{ channelPorts: "50000" }, 'CONFIG_INVALID channelPorts: expected a range such as 50000-50100, got "50000"'],
    [
      { channelPorts: "50100-50000" },
      "CONFIG_INVALID channelPorts: expected two ports from 1 to 65535, the lower first, got 50100-50000",
    ],
    // the rest
    [{ strict: 1 }, "CONFIG_INVALID strict: expected true or false, got 1"],
    [{ seed: 1.5 }, "CONFIG_INVALID seed: expected a whole number, got 1.5"],
    [{ seed: -1 }, "CONFIG_INVALID seed: expected at least 0, got -1"],
    [{ seed: Number.NaN }, "CONFIG_INVALID seed: expected a number, got NaN"],
    [{ graceMs: Number.POSITIVE_INFINITY }, "CONFIG_INVALID graceMs: expected a whole number, got Infinity"],
    [{ user: 1000 }, "CONFIG_INVALID user: expected a string, got 1000"],
    [{ limits: null }, "CONFIG_INVALID limits: expected a map, got null"],
    [{ limits: [1] }, "CONFIG_INVALID limits: expected a map, got a list"],
    [{ limits: { maxSession: 5 } }, 'CONFIG_INVALID limits.maxSession: unknown key, did you mean "maxSessions"?'],
    [{ limits: { maxSessions: 0 } }, "CONFIG_INVALID limits.maxSessions: expected at least 1, got 0"],
    [{ limits: { maxOctets: "64M" } }, 'CONFIG_INVALID limits.maxOctets: expected a number, got "64M"'],
    // the world
    [{ world: { domian: "x" } }, 'CONFIG_INVALID world.domian: unknown key, did you mean "domain"?'],
    [
      { world: { domain: "Example.Test" } },
      'CONFIG_INVALID world.domain: expected a domain in lower case, such as example.test, got "Example.Test"',
    ],
    [{ world: { accounts: {} } }, "CONFIG_INVALID world.accounts: expected a list, got a map"],
    [{ world: { accounts: [{ name: "x" }] } }, "CONFIG_INVALID world.accounts[0].password: it is missing"],
    [
      { world: { accounts: [{ name: "x", pasword: "y" }] } },
      'CONFIG_INVALID world.accounts[0].pasword: unknown key, did you mean "password"?',
    ],
    [
      { world: { accounts: [{ name: "x", password: 1234 }] } },
      "CONFIG_INVALID world.accounts[0].password: expected a string, got 1234",
    ],
    [
      { world: { accounts: [{ name: "a b", password: "y" }] } },
      'CONFIG_INVALID world.accounts[0].name: expected a name without spaces or @, got "a b"',
    ],
    [
      {
        world: {
          accounts: [
            { name: "x", password: "y" },
            { name: "X", password: "z" },
          ],
        },
      },
      "CONFIG_INVALID world.accounts[1].name: X is there twice",
    ],
    [{ world: { files: { "/a": 5 } } }, 'CONFIG_INVALID world.files["/a"]: expected a string, got 5'],
    [{ world: { zones: { "x.test": 5 } } }, 'CONFIG_INVALID world.zones["x.test"]: expected a string or a map, got 5'],
    [
      { world: { zones: { "x.test": { www: 5 } } } },
      'CONFIG_INVALID world.zones["x.test"].www: expected a string or a list, got 5',
    ],
    [{ world: { quotes: "x" } }, 'CONFIG_INVALID world.quotes: expected a list, got "x"'],
  ])("%j is told what and where", (document, message) => {
    expect(mistake(() => check(document))).toBe(message);
  });

  it.each<[world: object, limits: object, message: string]>([
    [{ files: { "/": "x" } }, {}, 'world.files["/"]: that is not the path of a file'],
    [{ files: { "/pub": "x" } }, {}, 'world.files["/pub"]: there is a directory of that name'],
    [{ files: { "/readme.txt/x": "x" } }, {}, 'world.files["/readme.txt/x"]: what should be its directory is a file'],
    [
      {},
      { maxFileOctets: 1000 },
      'world.files["/pub/1MiB.txt"]: there is no room for it within limits.maxFileOctets and limits.maxFiles',
    ],
    [{}, { maxMailboxOctets: 10 }, "limits: the mail for alice that is there from the beginning does not fit"],
  ])("%j with limits %j is no world that can be", (world, limits, message) => {
    expect(mistake(() => new Harness(check({ world, limits })))).toBe(`WORLD_INVALID ${message}`);
  });

  it("offers the way out where there is one", () => {
    expect(() => check({ host: "0.0.0.0" })).toThrow(
      expect.objectContaining({ place: "host", remedies: ["--expose", "expose: true"] }),
    );
  });
});
