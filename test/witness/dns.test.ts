import { Resolver } from "node:dns/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Harness, start } from "../../src/index.ts";
import { isInstalled, run, SLOW, succeed, witness } from "./clients.ts";

let harness: Harness<"dns">;
let port: string;

beforeAll(async () => {
  harness = await start({ services: ["dns"] });
  port = String(harness.endpoint("dns").port);
});
beforeEach(() => harness.reset());
afterAll(() => harness.stop());

const transports = () => harness.journal.exchanges("dns").map(({ request }) => request.transport);

/** Each name and type, and the lines that a short answer has. */
const SHORT: readonly (readonly [string, string, readonly string[]])[] = [
  ["web.example.test", "A", ["127.0.0.1"]],
  ["web.example.test", "AAAA", ["::1"]],
  ["www.example.test", "A", ["web.example.test.", "127.0.0.1"]],
  ["alias.example.test", "AAAA", ["alias2.example.test.", "www.example.test.", "web.example.test.", "::1"]],
  ["example.test", "MX", ["10 mail.example.test.", "20 backup.mail.example.test."]],
  ["example.test", "TXT", ['"v=spf1 mx -all"']],
  ["example.test", "NS", ["ns1.example.test.", "ns2.example.test."]],
  ["example.test", "SOA", ["ns1.example.test. hostmaster.example.test. 2026010101 3600 900 2419200 300"]],
  ["example.test", "CAA", ['0 iodef "mailto:hostmaster@example.test"', '0 issue "ca.example.test"']],
  ["_smtp._tcp.example.test", "SRV", ["0 0 25 mail.example.test."]],
  ["kinds.example.test", "TYPE65280", ["\\# 4 0A000001"]],
  ["anything.wild.example.test", "A", ["192.0.2.99"]],
  ["many.example.test", "A", ["192.0.2.1", "192.0.2.2", "192.0.2.3"]],
  ["nowhere.example.test", "A", []],
];

witness("dig", () => {
  const dig = async (...args: readonly string[]) =>
    (await succeed("dig", ["@127.0.0.1", "-p", port, "+tries=1", "+time=5", ...args])).stdout;
  const status = (output: string) => /status: (\w+)/.exec(output)?.[1];

  it.each(SHORT)("%s %s", async (name, type, wanted) => {
    const lines = async (...flags: string[]) => (await dig(...flags, "+short", name, type)).split("\n").filter(Boolean);
    const sorted = [...wanted].sort();
    expect((await lines()).sort()).toEqual(sorted);
    expect((await lines("+tcp")).sort()).toEqual(sorted);
    expect(transports()).toEqual(["udp", "tcp"]);
  });

  it("tells a name that is missing from one that lacks the type", async () => {
    const missing = await dig("nowhere.example.test");
    expect([status(missing), /AUTHORITY: 1/.test(missing), missing.includes("SOA")]).toEqual(["NXDOMAIN", true, true]);
    const lacking = await dig("v4only.example.test", "AAAA");
    expect([status(lacking), /ANSWER: 0/.test(lacking), lacking.includes("SOA")]).toEqual(["NOERROR", true, true]);
    expect(status(await dig("elsewhere.test"))).toBe("REFUSED");
  });

  it("answers with authority", async () => {
    expect(await dig("web.example.test")).toMatch(/flags: qr aa rd; /);
  });

  it("comes back over TCP when the answer is too long for UDP", async () => {
    expect(await dig("+noedns", "long.example.test", "TXT")).toMatch(/;; Truncated, retrying in TCP mode\.\n/);
    expect(transports()).toEqual(["udp", "tcp"]);
    expect(await dig("+bufsize=512", "+ignore", "long.example.test", "TXT")).toMatch(/flags: qr aa tc rd; .*ANSWER: 0/);
    const whole = await dig("+bufsize=1232", "+short", "long.example.test", "TXT");
    expect(whole.match(/"octets \d{3}-\d{3}: \w+"/g)).toHaveLength(4);
    expect(transports().slice(2)).toEqual(["udp", "udp"]);
  });

  it("transfers the zone", async () => {
    const records = (await dig("AXFR", "example.test", "+noall", "+answer")).trimEnd().split("\n");
    expect(records.length).toBeGreaterThan(50);
    expect(records[0]).toMatch(/\sSOA\s/);
    expect(records.at(-1)).toBe(records[0]);
    expect(await dig("AXFR", "elsewhere.test")).toContain("Transfer failed");
  });

  it.each([
    ["version.bind", '"Portwright"'],
    ["id.server", '"ns1.example.test"'],
  ])("says %s in class CH", async (name, wanted) => {
    expect((await dig("+short", "CH", "TXT", name)).trim()).toBe(wanted);
  });

  it("looks an address up backwards", async () => {
    expect((await dig("+short", "-x", "127.0.0.1")).trim()).toBe("example.test.");
    expect((await dig("+short", "-x", "192.0.2.10")).trim()).toBe("docs.example.test.");
    expect((await dig("+short", "-x", "::1")).trim()).toBe("example.test.");
  });

  it("keeps the case of the question", async () => {
    expect(await dig("wEb.ExAmPlE.tEsT")).toMatch(/^wEb\.ExAmPlE\.tEsT\.\s+3600\s+IN\s+A\s+127\.0\.0\.1$/m);
  });

  it.each([
    [["+dnssec", "+nocookie"], /; EDNS: version: 0, flags: do; udp: \d+/],
    [["+cookie"], /; EDNS: version: 0/],
    [["+nocookie", "+noedns"], /ADDITIONAL: 0/],
    [["+edns=1", "+noednsneg"], /status: BADVERS/],
    [["+subnet=192.0.2.0/24"], /CLIENT-SUBNET: 192\.0\.2\.0\/24\/0/],
    [["+cookie"], /COOKIE: [0-9a-f]{16}01000000[0-9a-f]{24} \(good\)/],
    [["+nsid", "+padding=128", "+keepalive", "+tcp"], /status: NOERROR[\s\S]*TCP KEEPALIVE: 30\.0 secs/i],
    [["+opcode=UPDATE"], /status: FORMERR/],
    [["+opcode=STATUS"], /status: NOTIMP/],
    [["+header-only"], /status: (FORMERR|NOERROR)/],
  ])("is content with %j", async (flags, wanted) => {
    expect(await dig(...flags, "web.example.test")).toMatch(wanted);
  });

  it("gets little for ANY over UDP, and all of it over TCP", async () => {
    expect(status(await dig("ANY", "example.test", "+notcp"))).toBe("NOERROR");
    const all = await dig("ANY", "example.test", "+noall", "+answer");
    for (const type of ["SOA", "NS", "A", "AAAA", "MX", "TXT", "CAA"]) expect(all).toMatch(new RegExp(`\\s${type}\\s`));
  });

  it("asks several questions on one connection", async () => {
    await dig("+tcp", "+keepopen", "web.example.test", "A", "+tcp", "+keepopen", "mail.example.test", "A");
    const sessions = harness.journal.exchanges("dns").map(({ session }) => session.id);
    expect([sessions.length, new Set(sessions).size]).toEqual([2, 1]);
  });

  it("follows a delegation's referral, and glue", async () => {
    const referral = await dig("www.child.example.test", "+norec");
    expect(referral).toMatch(/flags: qr; .*ANSWER: 0, AUTHORITY: 2/);
    expect(referral).toMatch(/^ns1\.child\.example\.test\.\s+3600\s+IN\s+A\s+192\.0\.2\.53$/m);
  });

  it("reaches the service over IPv6", async () => {
    const { stdout } = await succeed("dig", ["@::1", "-p", port, "+short", "web.example.test", "AAAA"]);
    expect(stdout).toBe("::1\n");
  });
});

witness("kdig", () => {
  const kdig = async (...args: readonly string[]) =>
    (await succeed("kdig", ["@127.0.0.1", "-p", port, "+retry=0", ...args])).stdout;

  it("asks over UDP and TCP, and again over TCP after TC", async () => {
    expect(await kdig("+short", "web.example.test", "A")).toBe("127.0.0.1\n");
    expect(await kdig("+short", "+tcp", "web.example.test", "AAAA")).toBe("::1\n");
    expect((await kdig("+short", "+noedns", "long.example.test", "TXT")).match(/octets/g)).toHaveLength(4);
    expect(transports()).toEqual(["udp", "tcp", "udp", "tcp"]);
  });

  it("transfers the zone, and reads the rarer types in it", async () => {
    const zone = await kdig("example.test", "AXFR");
    for (const text of ["HINFO", "NAPTR", "TLSA", "SSHFP", "HTTPS", "URI", "TYPE65280", "DNAME"]) {
      expect(zone).toContain(text);
    }
    expect(await kdig("+short", "kinds.example.test", "HTTPS")).toMatch(/^1 \. alpn=.*h2.*port="?443"? /);
  });

  it("pads and asks for the name server's id", async () => {
    const answer = await kdig("+padding=64", "+nsid", "web.example.test");
    expect(answer).toMatch(/status: NOERROR/);
  });
});

witness(
  "drill",
  () => {
    it("asks, traces an alias, and transfers the zone", async () => {
      const drill = async (...args: string[]) => (await succeed("drill", ["-p", port, ...args])).stdout;
      expect(await drill("www.example.test", "@127.0.0.1")).toMatch(
        /CNAME\s+web\.example\.test\.\n.*\sA\s+127\.0\.0\.1/,
      );
      expect(await drill("-t", "web.example.test", "@127.0.0.1", "AAAA")).toMatch(/AAAA\s+::1/);
      expect(await drill("-x", "127.0.0.1", "@127.0.0.1")).toMatch(/PTR\s+example\.test\./);
      expect((await drill("AXFR", "example.test", "@127.0.0.1")).split("\n").length).toBeGreaterThan(50);
    });
  },
  isInstalled("drill", ["-v"]),
);

witness("host", () => {
  const host = (...args: readonly string[]) => run("host", ["-p", port, ...args, "127.0.0.1"]);

  it("asks for addresses and mail at once, and backwards, and lists the zone", async () => {
    const { stdout } = await host("example.test");
    expect(stdout).toContain("example.test has address 127.0.0.1\n");
    expect(stdout).toContain("example.test has IPv6 address ::1\n");
    expect(stdout).toContain("example.test mail is handled by 10 mail.example.test.\n");
    expect((await host("192.0.2.10")).stdout).toContain("domain name pointer docs.example.test.");
    expect((await host("-l", "example.test")).stdout).toContain("example.test name server ns1.example.test.");
    expect((await host("nowhere.example.test")).stdout).toContain("not found: 3(NXDOMAIN)");
  });
});

witness("nslookup", () => {
  it("finds addresses, and says what it does not find", async () => {
    const { stdout } = await succeed("nslookup", [`-port=${port}`, "web.example.test", "127.0.0.1"]);
    expect(stdout).toMatch(
      /Name:\s+web\.example\.test\nAddress: 127\.0\.0\.1\nName:\s+web\.example\.test\nAddress: ::1/,
    );
    const { code, stdout: missing } = await run("nslookup", [`-port=${port}`, "nowhere.example.test", "127.0.0.1"]);
    expect(code).toBe(1);
    expect(missing).toContain("server can't find nowhere.example.test: NXDOMAIN");
  });
});

const PYTHON = `
import socket, struct, sys
port = int(sys.argv[1])
def question(name, qtype, number):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\\0"
    return struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!2H", qtype, 1)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
    udp.settimeout(5)
    udp.sendto(question("web.example.test", 1, 7), ("127.0.0.1", port))
    answer = udp.recv(512)
    print(struct.unpack("!6H", answer[:12])[0::3], socket.inet_ntoa(answer[-4:]))
with socket.create_connection(("127.0.0.1", port), 5) as tcp:
    both = b"".join(struct.pack("!H", len(one)) + one
                    for one in [question("web.example.test", 1, 8), question("web.example.test", 28, 9)])
    for octet in both:
        tcp.sendall(bytes([octet]))
    stream = tcp.makefile("rb")
    for _ in range(2):
        length, = struct.unpack("!H", stream.read(2))
        answer = stream.read(length)
        print(struct.unpack("!H", answer[:2])[0])
`;

witness("python3", () => {
  it("asks with octets of its own, one at a time over TCP", async () => {
    const { stdout } = await succeed("python3", ["-c", PYTHON, port]);
    expect(stdout).toBe("(7, 1) 127.0.0.1\n8\n9\n");
  });
});

const PERL = `
use strict; use warnings; use Net::DNS;
my $resolver = Net::DNS::Resolver->new(nameservers => ["127.0.0.1"], port => $ARGV[0], recurse => 0, udp_timeout => 5);
print join(" ", map { $_->address } $resolver->query("many.example.test", "A")->answer), "\\n";
print join(" ", map { $_->exchange } Net::DNS::mx($resolver, "example.test")), "\\n";
print length(join "", map { $_->txtdata } $resolver->send("long.example.test", "TXT")->answer), "\\n";
$resolver->usevc(1);
print $resolver->send("nowhere.example.test", "A")->header->rcode, "\\n";
print scalar(grep { $_->type eq "SRV" } $resolver->axfr("example.test")) > 10 ? "zone\\n" : $resolver->errorstring;
print map { $_->service . "\\n" } $resolver->send("kinds.example.test", "NAPTR")->answer;
`;

witness(
  "perl with Net::DNS",
  () => {
    it("asks over UDP and TCP, and transfers the zone", async () => {
      const { stdout } = await succeed("perl", ["-e", PERL, port]);
      expect(stdout.split("\n").slice(0, 6)).toEqual([
        "192.0.2.1 192.0.2.2 192.0.2.3",
        "mail.example.test backup.mail.example.test",
        "816",
        "NXDOMAIN",
        "zone",
        "SIP+D2U",
      ]);
    });
  },
  isInstalled("perl", ["-MNet::DNS", "-e", "1"]),
);

describe("the resolver of Node", SLOW, () => {
  const resolver = new Resolver({ timeout: 5000, tries: 1 });
  beforeAll(() => resolver.setServers([`127.0.0.1:${port}`]));

  it("resolves every type that it knows", async () => {
    expect(await resolver.resolve4("www.example.test", { ttl: true })).toEqual([{ address: "127.0.0.1", ttl: 3600 }]);
    expect(await resolver.resolve6("web.example.test")).toEqual(["::1"]);
    expect(await resolver.resolveMx("nomail.example.test")).toEqual([{ priority: 0, exchange: "" }]);
    expect((await resolver.resolveTxt("long.example.test"))[0]).toHaveLength(4);
    expect(await resolver.resolveSrv("_http._tcp.example.test")).toEqual([
      { name: "web.example.test", port: 80, priority: 0, weight: 0 },
    ]);
    expect(await resolver.resolveSoa("example.test")).toMatchObject({ serial: 2026010101, minttl: 300 });
    expect(await resolver.resolveCaa("example.test")).toContainEqual({ critical: 0, issue: "ca.example.test" });
    expect(await resolver.resolveNaptr("kinds.example.test")).toMatchObject([{ service: "SIP+D2U" }]);
    expect(await resolver.reverse("192.0.2.10")).toEqual(["docs.example.test"]);
    expect(await resolver.resolveCname("www.example.test")).toEqual(["web.example.test"]);
  });

  it("tells why it finds nothing", async () => {
    await expect(resolver.resolve4("nowhere.example.test")).rejects.toMatchObject({ code: "ENOTFOUND" });
    await expect(resolver.resolve4("v6only.example.test")).rejects.toMatchObject({ code: "ENODATA" });
    await expect(resolver.resolve4("elsewhere.test")).rejects.toMatchObject({ code: "EREFUSED" });
  });

  it("resolves two hundred names at once", async () => {
    const names = Array.from({ length: 200 }, (_, n) => `n${n}.wild.example.test`);
    const found = await Promise.all(names.map((name) => resolver.resolve4(name)));
    expect(new Set(found.flat())).toEqual(new Set(["192.0.2.99"]));
    expect(harness.journal.exchanges("dns")).toHaveLength(200);
  });
});
