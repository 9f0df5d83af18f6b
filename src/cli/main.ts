#!/usr/bin/env node
import manifest from "../../package.json" with { type: "json" };

// The version is answered before anything else is loaded.
if (process.argv.length === 3 && (process.argv[2] === "--version" || process.argv[2] === "-V")) {
  process.stdout.write(`${manifest.version}\n`);
} else {
  const { run } = await import("./run.ts");
  await run(process.argv.slice(2), manifest.version);
}
