/** Who may import whom: downwards only. */
const only = (from, allowed, why) => ({
  name: `${from.replace(/[^a-z]+/g, "-").replace(/^-|-$/g, "")}-imports-only-what-is-below`,
  comment: why,
  severity: "error",
  from: { path: from },
  to: { path: "^(src|services|fixtures|test)/", pathNot: [from.replace("$", ""), ...allowed] },
});

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "no-orphans-resolved", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "contract-imports-nothing",
      severity: "error",
      from: { path: "^src/contract/" },
      to: { pathNot: ["^src/contract/", "node_modules/valibot"] },
    },
    only("^src/wire/", ["^src/wire/"], "Octets, pure."),
    only("^src/errors\\.ts$", [], "Everybody may throw these errors."),
    only("^src/issues\\.ts$", ["^src/wire/", "^src/errors\\.ts$"], "What is wrong with a document."),
    only("^src/match/", ["^src/(contract|wire)/", "^src/(errors|issues)\\.ts$"], "What a value must be like."),
    only(
      "^src/stub/",
      ["^src/(contract|wire|match|ports)/", "^src/(errors|issues)\\.ts$"],
      "What is to happen to which requests.",
    ),
    only("^src/world/", ["^src/contract/", "^src/wire/"], "What the services serve."),
    only("^src/journal/", ["^src/(contract|wire|match)/", "^src/errors\\.ts$"], "The record."),
    only("^src/fault/", ["^src/(contract|wire)/"], "What faults do to octets and datagrams."),
    only("^src/transport/", ["^src/(contract|wire|fault)/", "^src/(errors|whole-file)\\.ts$"], "The only sockets."),
    only("^src/ports/", ["^src/contract/", "^src/wire/", "^src/errors\\.ts$"], "Plan and diagnosis."),
    only("^src/session/", ["^src/(contract|journal|transport|fault)/"], "A machine on a connection."),
    only(
      "^src/dialogue/",
      ["^src/(contract|wire|journal|session|transport|world)/", "^src/errors\\.ts$"],
      "Golden transcripts.",
    ),
    only(
      "^src/capture/",
      ["^src/(contract|wire|journal|dialogue|transport)/", "^src/errors\\.ts$"],
      "What happened, as files.",
    ),
    only(
      "^src/supervisor/",
      [
        "^src/(capture|contract|wire|match|journal|stub|fault|session|transport|world|ports)/",
        "^src/(errors|issues)\\.ts$",
      ],
      "Start, prove, stop.",
    ),
    only(
      "^src/config/",
      ["^src/(contract|wire|match|journal|stub|world|ports|supervisor)/", "^src/(errors|issues)\\.ts$"],
      "One document.",
    ),
    only(
      "^src/testing/",
      ["^src/(contract|wire|journal|capture)/", "^src/(errors|index|start-options)\\.ts$", "^services/registry\\.ts$"],
      "Test runners, each in a file of its own.",
    ),
    {
      name: "nobody-loads-a-test-runner-unasked",
      comment: "Vitest and Jest are installed only where they are used.",
      severity: "error",
      from: { path: "^(src|services)/", pathNot: "^src/testing/vitest\\.ts$" },
      to: { path: "(^|node_modules/)(@?vitest|@?jest)(/|$)" },
    },
    {
      name: "services-know-only-the-contract",
      comment:
        "A service imports the contract, wire, valibot and its own folder; https shares http's machine, and dot that of dns.",
      severity: "error",
      from: { path: "^services/([^/]+)/", pathNot: "^services/(https|dot)/" },
      to: {
        pathNot: ["^services/$1/", "^src/(contract|wire)/", "node_modules/valibot"],
      },
    },
    only("^services/https/", ["^services/http/", "^src/(contract|wire)/"], "The same machine inside TLS."),
    only("^services/dot/", ["^services/dns/", "^src/(contract|wire)/"], "The same machine inside TLS."),
    {
      name: "no-node-modules-in-a-service",
      severity: "error",
      from: { path: "^services/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "sockets-only-in-transport",
      severity: "error",
      from: { path: "^(src|services)/", pathNot: "^src/(transport|admin|testing|ports)/" },
      to: { path: "^(node:)?(net|tls|dgram|http|https|http2)$", dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      extensions: [".ts", ".js", ".json", ".cjs"],
    },
  },
};
