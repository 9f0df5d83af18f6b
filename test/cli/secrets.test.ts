import { describe, expect, it } from "vitest";
import { http } from "../../services/http/index.ts";
import { withoutSecrets } from "../../src/journal/print.ts";

describe("what a service declares secret", () => {
  it.each([
    ["request", "authorization", "Basic YTpi"],
    ["request", "proxy-authorization", "Basic YTpi"],
    ["request", "cookie", "session=1"],
    ["reply", "set-cookie", ["session=1", "b=2"]],
  ] as const)("is not shown: %s %s", (side, name, value) => {
    const fields = { status: 200, headers: { [name]: value, host: "localhost" } };
    const shown = withoutSecrets(fields, http[side]);
    expect(shown).toEqual({ status: 200, headers: { [name]: "<redacted>", host: "localhost" } });
    expect(fields.headers[name]).toBe(value); // the journal still has it
  });

  it("is not made up where it did not come", () => {
    const fields = { headers: { host: "localhost" } };
    expect(withoutSecrets(fields, http.request)).toEqual(fields);
    expect(withoutSecrets({}, http.request)).toEqual({});
  });
});
