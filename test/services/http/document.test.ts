import { expect, it } from "vitest";
import { parse } from "yaml";
import { type StartOptions, start } from "../../../src/index.ts";

const DOCUMENT = `
host: 127.0.0.1
services:
  http:
    rules:
      - when: { method: post, path: /orders/**, body: { json: { sku: A1 } } }
        reply: { status: 409, json: { error: sold out } }
        times: 1
      - when: { headers: { Authorization: { present: false } }, path: /private/* }
        reply: 401
      - when: { path: /pub/hello.txt, nth: 2 }
        fault: close
      - when: { path: /slow }
        sequence:
          - { reply: { status: 503, headers: { Retry-After: 1 } } }
          - { reply: { own: /pub/hello.txt } }
`;

it("rules of a document answer", async () => {
  await using harness = await start(parse(DOCUMENT) as StartOptions);
  const { url } = harness.endpoint("http");
  const asked = async (path: string, init: RequestInit = {}): Promise<string> => {
    try {
      const response = await fetch(new URL(path, url), init);
      return `${response.status} ${await response.text()}`;
    } catch (error) {
      return ((error as Error).cause as { code: string }).code;
    }
  };
  const order = { method: "POST", body: JSON.stringify({ sku: "A1", count: 2 }) };
  expect(await asked("/orders/new", order)).toBe('409 {"error":"sold out"}');
  expect(await asked("/orders/new", order)).toMatch(/^404 /);
  expect(await asked("/private/a")).toBe("401 ");
  expect(await asked("/private/a", { headers: { Authorization: "Bearer x" } })).toMatch(/^404 /);
  expect(await asked("/pub/hello.txt")).toBe("200 Hello from example.test.\n");
  expect(await asked("/pub/hello.txt")).toBe("UND_ERR_SOCKET");
  expect(await asked("/pub/hello.txt")).toBe("200 Hello from example.test.\n");
  expect(await asked("/slow")).toBe("503 ");
  expect(await asked("/slow")).toBe("200 Hello from example.test.\n");
  harness.verify({ requests: false });
});
