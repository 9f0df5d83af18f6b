import { expect, harnessTest } from "../../../src/testing/vitest.ts";
import { mail, say } from "./dial.ts";

const test = harnessTest({ services: ["smtp", "echo"] });

test.for(Array.from({ length: 10 }, (_, at) => at))("mail %i meets nobody else's", async (at, { smtp }) => {
  await say(smtp, ...mail("alice@example.test", `mail ${at} of ${process.pid}`));
  await expect(smtp).toHaveReceived({ subject: `mail ${at} of ${process.pid}` }, { within: 5000, times: 1 });
  expect(smtp).toHaveReceived({ command: "RCPT" }, { times: 1 });
});
