import { describe, expect, it } from "vitest";
import { PortwrightError } from "../../src/errors.ts";
import { type PortScheme, parsePortScheme, planPorts, type WantedPort } from "../../src/ports/plan.ts";

const smtp = { name: "smtp", service: "smtp", wellKnown: 25 };
const mx2 = { name: "mx2", service: "smtp", wellKnown: 25 };
const mx3 = { name: "mx3", service: "smtp", wellKnown: 25 };
const dns = { name: "dns", service: "dns", wellKnown: 53 };
const https = { name: "https", service: "https", wellKnown: 443 };
const alt = { name: "alt", service: "alt", wellKnown: 10_025 };

const asRoot = () => true;
const asUser = (port: number) => port >= 1024;

function ports(wanted: readonly WantedPort[], scheme: string, mayBind: (port: number) => boolean = asUser): number[] {
  return planPorts(wanted, parsePortScheme(scheme), mayBind).map(({ port }) => port);
}

function failure(run: () => unknown): PortwrightError {
  try {
    run();
  } catch (error) {
    if (error instanceof PortwrightError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("the plan", () => {
  it.each<[string, readonly WantedPort[], string, (port: number) => boolean, number[]]>([
    ["an unprivileged user gets 10000 + N", [smtp, dns, https], "auto", asUser, [10_025, 10_053, 10_443]],
    ["root gets the well-known ports", [smtp, dns, https], "auto", asRoot, [25, 53, 443]],
    ["further instances take further steps", [smtp, mx2, mx3], "auto", asUser, [10_025, 20_025, 30_025]],
    ["root's second instance goes to 10025", [smtp, mx2], "auto", asRoot, [25, 10_025]],
    ["a lowered limit frees some ports only", [smtp, https], "auto", (port) => port >= 80, [10_025, 443]],
    ["a step that another service owns is passed over", [alt, smtp], "auto", asUser, [10_025, 20_025]],
    ["well-known is taken literally, permitted or not", [smtp, dns], "well-known", asUser, [25, 53]],
    ["ephemeral leaves all to the system", [smtp, mx2], "ephemeral", asRoot, [0, 0]],
    ["an offset is added", [smtp, https], "offset:20000", asRoot, [20_025, 20_443]],
    ["an explicit port wins over auto", [{ ...smtp, port: 2525 }, dns], "auto", asUser, [2525, 10_053]],
    ["an explicit port wins over ephemeral", [{ ...smtp, port: 2525 }], "ephemeral", asUser, [2525]],
    [
      "an explicit 0 leaves one to the system",
      [
        { ...smtp, port: 0 },
        { ...mx2, port: 0 },
      ],
      "well-known",
      asRoot,
      [0, 0],
    ],
    [
      "an explicit port is kept clear for its owner",
      [mx2, { ...smtp, port: 10_025 }],
      "auto",
      asUser,
      [20_025, 10_025],
    ],
    ["nothing wanted is nothing planned", [], "auto", asUser, []],
  ])("%s", (_, wanted, scheme, mayBind, expected) => {
    expect(ports(wanted, scheme, mayBind)).toEqual(expected);
  });

  it.each<[string, readonly WantedPort[], PortScheme, (port: number) => boolean, string]>([
    ["privilege", [smtp], { type: "auto" }, asUser, "25 needs privilege here; 25 + 10000."],
    ["no obstacle", [smtp], { type: "auto" }, asRoot, "25 may be bound here."],
    ["another instance", [smtp, mx2], { type: "auto" }, asRoot, "25 is smtp's; 25 + 10000."],
    ["the nearest obstacle", [smtp, mx2], { type: "auto" }, asUser, "10025 is smtp's; 25 + 20000."],
    ["the offset", [smtp], { type: "offset", by: 3000 }, asUser, "25 + 3000."],
    ["the registry", [smtp], { type: "well-known" }, asUser, "The well-known port of smtp."],
    ["the system", [smtp], { type: "ephemeral" }, asUser, "Left to the system."],
    ["the user", [{ ...smtp, port: 2525 }], { type: "auto" }, asUser, "Asked for."],
  ])("says why: %s", (_, wanted, scheme, mayBind, why) => {
    expect(planPorts(wanted, scheme, mayBind).at(-1)?.why).toBe(why);
  });

  it.each<[string, () => unknown, string, string]>([
    [
      "two instances on one well-known port",
      () => ports([smtp, mx2], "well-known"),
      "PORT_CLASH",
      "services.mx2.port: port 25 is wanted by smtp and by mx2",
    ],
    [
      "two instances with one explicit port",
      () =>
        ports(
          [
            { ...smtp, port: 2525 },
            { ...dns, port: 2525 },
          ],
          "auto",
        ),
      "PORT_CLASH",
      "services.dns.port: port 2525 is wanted by smtp and by dns",
    ],
    [
      "an explicit port that an offset leads to",
      () => ports([{ ...dns, port: 3025 }, smtp], "offset:3000"),
      "PORT_CLASH",
      "services.smtp.port: port 3025 is wanted by dns and by smtp",
    ],
    [
      "an offset beyond the last port",
      () => ports([smtp, https], "offset:65200"),
      "PORT_OUT_OF_RANGE",
      "services.https.port: 443 + 65200 = 65643 is not a port; ports go from 0 to 65535",
    ],
    [
      "an explicit port beyond the last one",
      () => ports([{ ...smtp, port: 65_536 }], "auto"),
      "PORT_OUT_OF_RANGE",
      "services.smtp.port: 65536 is not a port; ports go from 0 to 65535",
    ],
    [
      "an explicit port that is no whole number",
      () => ports([{ ...smtp, port: 25.5 }], "auto"),
      "PORT_OUT_OF_RANGE",
      "services.smtp.port: 25.5 is not a port; ports go from 0 to 65535",
    ],
    [
      "more instances than steps",
      () =>
        ports(
          Array.from({ length: 7 }, (_, index) => ({ ...smtp, name: `mx${index}` })),
          "auto",
        ),
      "PORT_OUT_OF_RANGE",
      "services.mx6: no port is left for mx6: 60025 is mx5's, and so on in steps of 10000",
    ],
  ])("refuses %s", (_, run, code, message) => {
    const error = failure(run);
    expect({ code: error.code, message: error.message }).toEqual({ code, message });
  });

  it("shows a way out of a clash", () => {
    expect(failure(() => ports([smtp, mx2], "well-known")).remedies).toEqual([
      "portwright up --ports auto",
      "portwright up mx2=smtp:0",
    ]);
  });
});

describe("a port scheme", () => {
  it.each<[string, PortScheme]>([
    ["auto", { type: "auto" }],
    ["well-known", { type: "well-known" }],
    ["ephemeral", { type: "ephemeral" }],
    ["offset:20000", { type: "offset", by: 20_000 }],
    ["offset:0", { type: "offset", by: 0 }],
  ])("%s is read", (text, scheme) => {
    expect(parsePortScheme(text)).toEqual(scheme);
  });

  it.each([
    ["epemeral", /did you mean ephemeral\?/],
    ["wellknown", /did you mean well-known\?/],
    ["offset", /offset takes a number from 0 to 65535, such as offset:20000/],
    ["offset:-1", /offset takes a number/],
    ["offset:70000", /offset takes a number/],
    ["offset:1e3", /offset takes a number/],
    ["", /Schemes are auto, well-known, ephemeral and offset:N/],
  ])("%j is refused, and says what was meant", (text, message) => {
    const error = failure(() => parsePortScheme(text));
    expect(error.code).toBe("PORT_SCHEME_UNKNOWN");
    expect(error.place).toBe("ports");
    expect(error.message).toMatch(message);
  });
});
