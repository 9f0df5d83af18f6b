import { describe, expect, it } from "vitest";
import type { SessionQuery } from "../../src/journal/sessions.ts";
import { exchange, journalOf, LOCAL, messageOf, PEER, receive, sessionOf } from "./fixture.ts";

/** 1: smtp, two requests, closed; 2: a bare connect to smtp, reset; 3: dns, open; a datagram; a failed accept. */
function sample() {
  const journal = journalOf();
  const [busy, bare, open] = [sessionOf(journal), sessionOf(journal), sessionOf(journal, "dns", "second")];
  journal.opened(busy);
  receive(journal, busy, "NOOP\r\n");
  exchange(journal, busy, "NOOP");
  exchange(journal, busy, "QUIT");
  journal.sent(busy, 0, new Uint8Array(8));
  journal.sent(busy, 0, new Uint8Array(3), "data");
  journal.opened(bare);
  journal.closed(busy, "service");
  journal.closed(bare, "reset", "read ECONNRESET");
  journal.opened(open);
  const decode = () => ({ request: {}, reply: {} });
  journal.datagram({ service: "dns", name: "dns", local: LOCAL, decode }, 0, PEER, new Uint8Array(1), undefined);
  journal.note(sessionOf(journal), "accept-failed");
  return journal;
}

describe("sessions", () => {
  it("have their counts and their end", () => {
    expect(sample().sessions()).toEqual([
      {
        id: 1,
        service: "smtp",
        name: "smtp",
        transport: "tcp",
        local: LOCAL,
        peer: PEER,
        opened: 1,
        closed: { time: 3, how: "service" },
        requests: 2,
        received: 6,
        sent: 11,
      },
      expect.objectContaining({
        id: 2,
        requests: 0,
        received: 0,
        sent: 0,
        closed: { time: 4, how: "reset", error: "read ECONNRESET" },
      }),
      expect.objectContaining({ id: 3, name: "second", opened: 5 }),
    ]);
  });

  it.each<[SessionQuery, number[]]>([
    [{}, [1, 2, 3]],
    [{ service: "smtp" }, [1, 2]],
    [{ name: "second" }, [3]],
    [{ name: "dns" }, []],
    [{ session: 2 }, [2]],
    [{ requests: 0 }, [2, 3]],
    [{ requests: { min: 1 } }, [1]],
    [{ requests: { max: 1 } }, [2, 3]],
    [{ closed: true }, [1, 2]],
    [{ closed: false }, [3]],
    [{ closed: "reset" }, [2]],
    [{ since: 2 }, [2, 3]],
    [{ until: new Date(2) }, [1, 2]],
    [{ where: ({ sent }) => sent > 10 }, [1]],
    [{ service: "smtp", requests: 0, closed: true }, [2]],
  ])("are found by %o", (query, ids) => {
    expect(
      sample()
        .sessions(query)
        .map(({ id }) => id),
    ).toEqual(ids);
  });

  it("are still there when their beginning was forgotten", () => {
    const journal = journalOf({ maxEntries: 2 });
    const session = sessionOf(journal);
    journal.opened(session);
    for (const command of ["A", "B"]) exchange(journal, session, command);
    expect(journal.sessions()).toMatchObject([{ id: 1, requests: 2 }]);
  });
});

describe("waitForSession", () => {
  it("finds one that is as it is wanted already", async () => {
    expect(await sample().waitForSession({ requests: 0, closed: true })).toMatchObject({ id: 2 });
  });

  it("waits for one to become so", async () => {
    const journal = journalOf();
    const [bare, busy] = [sessionOf(journal), sessionOf(journal)];
    const wait = journal.waitForSession({ requests: 0, closed: true });
    journal.opened(bare);
    journal.opened(busy);
    exchange(journal, busy, "NOOP");
    journal.closed(busy, "peer");
    journal.closed(bare, "peer");
    expect(await wait).toMatchObject({ id: 1, closed: { how: "peer" } });
  });

  it("says in vain which sessions there were", async () => {
    const query = { service: "smtp", requests: 5, where: () => true };
    expect(await messageOf(sample().waitForSession(query, { timeout: 1 }))).toBe(
      `no session of smtp with requests=5 that passes the test: 1 ms have passed; the last of 2:
  session 1 of smtp from 127.0.0.1 port 40000: 2 requests, 6 octets in, 11 out, closed (service)
  session 2 of smtp from 127.0.0.1 port 40000: 0 requests, 0 octets in, 0 out, closed (reset, read ECONNRESET)`,
    );
    expect(await messageOf(journalOf().waitForSession({}, { timeout: 1 }))).toBe(
      "no session: 1 ms have passed; there was none",
    );
  });
});
