/** The least that node:http can do: one fixed response. */
import { createServer } from "node:http";

const BODY = "Hello from example.test.\n";
const server = createServer((_, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end(BODY);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${typeof address === "object" ? address?.port : ""}\n`);
});
