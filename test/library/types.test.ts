import { describe, expectTypeOf, it } from "vitest";
import type { Document } from "../../src/config/schema.ts";
import type {
  Endpoint,
  Entry,
  Fields,
  Harness,
  PortwrightError,
  Query,
  ServiceName,
  StartOptions,
} from "../../src/index.ts";
import { start } from "../../src/index.ts";

/** Never run: what counts is that it compiles, or does not. */
async function compiled(): Promise<void> {
  const all = await start();
  expectTypeOf(all).toExtend<Harness<ServiceName>>();
  all.endpoint("smtp");
  // @ts-expect-error: misspelt
  all.endpoint("smpt");

  const two = await start({ services: ["smtp", "dns"], ports: "ephemeral" });
  expectTypeOf(two).toExtend<Harness<"smtp" | "dns">>();
  expectTypeOf(two.endpoint("dns", { transport: "udp", host: "::1" })).toEqualTypeOf<Endpoint>();
  // @ts-expect-error: it does not run
  two.endpoint("http");
  // @ts-expect-error: no transport
  two.endpoint("dns", { transport: "sctp" });

  // @ts-expect-error: misspelt
  await start({ services: ["smpt"] });
  // @ts-expect-error: one of two misspelt
  await start({ services: ["dns", "smpt"] });
  // @ts-expect-error: misspelt
  await start({ services: { smpt: true } });
  // @ts-expect-error: a name of one's own needs its service
  await start({ services: { backup: true } });
  // @ts-expect-error: a name of one's own needs its service
  await start({ services: { backup: { port: 2525 } } });
  // @ts-expect-error: misspelt
  await start({ services: { backup: { service: "smpt" } } });
  // @ts-expect-error: misspelt
  await start({ servces: ["smtp"] });
  // @ts-expect-error: a port is a number
  await start({ services: { smtp: { port: "25" } } });

  const named = await start({
    services: { smtp: true, backup: { service: "smtp", port: 0, banner: "second" }, dns: { port: 5353 } },
  });
  expectTypeOf(named).toExtend<Harness<"smtp" | "backup" | "dns">>();
  named.endpoint("backup");
  // @ts-expect-error: misspelt
  named.endpoint("bakcup");

  // Each service is a property, and knows its requests and replies.
  const rule = named.smtp.stub({ when: { command: "RCPT", to: /full@/ }, reply: { code: 452 }, times: 2 });
  expectTypeOf(rule.count).toBeNumber();
  named.backup.stub({ when: { command: ["MAIL", "RCPT"] }, fault: "reset" });
  // @ts-expect-error: no field of SMTP's requests
  named.smtp.stub({ when: { comand: "RCPT" }, reply: 452 });
  // @ts-expect-error: a number is no verb
  named.smtp.stub({ when: { command: 25 }, reply: 452 });
  named.smtp.stub({
    when: { to: ["a@b", /c/], headers: { subject: /x/ } },
    reply: { capabilities: { without: ["HELP"] } },
  });
  // @ts-expect-error: no such line end
  named.smtp.stub({ reply: { code: 250, lineEnd: "nl" } });
  // @ts-expect-error: no field of SMTP's replies
  named.smtp.stub({ reply: { cod: 452 } });
  // @ts-expect-error: no such fault
  named.smtp.stub({ fault: "rest" });
  // Requests of DNS tell what they came over: it is a field as any other. SMTP's do not.
  named.dns.stub({ when: { transport: ["tcp", "https"] }, reply: "SERVFAIL" });
  named.smtp.stub({ when: { transport: "tcp" }, fault: "reset" });
  // @ts-expect-error: nothing else goes over it
  named.smtp.stub({ when: { transport: "https" }, fault: "reset" });
  named.dns.stub({ when: { name: "*.x.test", type: "A" }, reply: { answers: ["192.0.2.1"], id: "wrong" } });
  // @ts-expect-error: no field of DNS's requests
  named.dns.stub({ when: { qname: "x.test" }, reply: "SERVFAIL" });
  // @ts-expect-error: no field of DNS's replies
  named.dns.stub({ reply: { answer: "192.0.2.1" } });
  // @ts-expect-error: no such service
  named.http;

  const web = await start({ services: ["http"] });
  web.http.stub({
    when: { method: "POST", headers: { accept: /json/ }, body: { json: { a: 1 } } },
    reply: { status: 201, json: {} },
  });
  web.http.stub({
    when: { query: { a: "1" } },
    reply: [503, "hello", { own: "/pub/hello.txt", contentLength: [5, 6] }],
  });
  // @ts-expect-error: no field of HTTP's requests
  web.http.stub({ when: { url: "/" }, reply: 200 });
  // @ts-expect-error: no field of HTTP's replies
  web.http.stub({ reply: { code: 200 } });
  expectTypeOf((await named.smtp.waitFor({ command: "MAIL" })).request).not.toBeAny();

  const files = await start({ services: ["ftp"] });
  files.ftp.stub({ when: { command: "RETR", path: "/pub/**" }, reply: { code: 426, after: 100 } });
  // @ts-expect-error: no such field of a request
  files.ftp.stub({ when: { file: "/pub/x" }, reply: 550 });
  // @ts-expect-error: no such field of a reply
  files.ftp.stub({ reply: { code: 550, afterwards: 100 } });

  const small = await start({ services: ["echo", "discard", "time", "ssh"] });
  small.echo.stub({ when: { data: "ping*", octets: { min: 5 } }, reply: { data: "pong" } });
  small.time.stub({ reply: [0, "2036-02-07T06:28:16Z", new Date(0), { seconds: 5 }] });
  small.ssh.stub({
    when: { phase: "greeting" },
    reply: { before: "Be kind.", identification: "SSH-1.5-old", end: "\n" },
  });
  small.discard.stub({ when: { transport: "udp" }, fault: { raw: "nobody asked" } });
  // @ts-expect-error: discard has no reply
  small.discard.stub({ reply: "x" });
  // @ts-expect-error: no field of SSH's replies
  small.ssh.stub({ reply: { code: 12 } });

  const chosen: ServiceName[] = ["smtp"];
  const dynamic = await start({ services: chosen });
  dynamic.endpoint("dns");
  const wanted: readonly ["ftp", "ssh"] = ["ftp", "ssh"];
  expectTypeOf(await start({ services: wanted })).toExtend<Harness<"ftp" | "ssh">>();

  // A harness of some services is a harness.
  const anyHarness: Pick<Harness, "stop" | "journal" | "world" | "endpoints"> = named;
  await anyHarness.stop();
  await using scoped = await start({ services: ["echo"] });
  expectTypeOf(scoped.journal.exchanges("echo")[0]?.request).not.toBeAny();
  for (const entry of scoped.journal.find({ kind: "received" })) {
    expectTypeOf(entry.bytes).toEqualTypeOf<Uint8Array>();
  }
  for await (const { seq } of scoped.journal.follow({ service: "echo" })) expectTypeOf(seq).toBeNumber();
  for await (const { detail } of scoped.journal.follow({ event: "crash" }))
    expectTypeOf(detail).toEqualTypeOf<Fields>();
  const { reply } = await scoped.journal.waitFor({
    service: "smtp",
    request: { command: "MESSAGE", subject: /welcome/i },
  });
  expectTypeOf(reply).toEqualTypeOf<Fields>();
  const query: Query = { service: "echo" };
  expectTypeOf(await scoped.journal.waitFor(query)).toEqualTypeOf<Entry>();
  expectTypeOf(scoped.journal.find()).toEqualTypeOf<Entry[]>();
  expectTypeOf(scoped.world.mailbox("alice").texts).toEqualTypeOf<readonly string[]>();
  expectTypeOf<PortwrightError["remedies"]>().toEqualTypeOf<readonly string[]>();
  // @ts-expect-error: options of the harness are read-only to it
  scoped.endpoints[0].port = 5;
}

describe("the library's types", () => {
  it("say of the argument what the check of a document says", () => {
    expectTypeOf<Omit<StartOptions, "services">>().toEqualTypeOf<Omit<Document, "services" | "$schema">>();
  });

  it("know the services by name, and the names that a test gives them", () => {
    expectTypeOf(compiled).returns.resolves.toBeVoid();
  });
});
