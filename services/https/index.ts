import { defineService } from "../../src/contract/service.ts";
import { httpCore, inUrl } from "../http/index.ts";

/** HTTP/1.1 over TLS, RFC 9110 section 4.2.2. */
export const https = defineService({
  ...httpCore,
  name: "https",
  title: "HTTP over TLS",
  specs: ["RFC 9110", "RFC 9112", "RFC 8446", "RFC 7301", "RFC 8484"],
  port: 443,
  tls: { alpn: ["http/1.1"] },
  scheme: "https",
  example: ({ host, port }) => `curl --cacert ca.pem https://${inUrl(host)}:${port}/`,
});
