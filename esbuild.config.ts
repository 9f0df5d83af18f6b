/**
 * Builds what is published: the command line as one bundle that starts fast, and the library with what test runners load. `npm run bundle`, with
 * another folder than `dist` as its argument if wanted.
 */
import { rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";

const [out = "dist"] = process.argv.slice(2);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const shared: BuildOptions = {
  bundle: true,
  splitting: true,
  chunkNames: "[name]-[hash]",
  platform: "node",
  target: "node20.19",
  format: "esm",
  logLevel: "warning",
};

for (const folder of ["bin", "lib"]) rmSync(here(`${out}/${folder}`), { recursive: true, force: true });

await Promise.all([
  build({
    ...shared,
    entryPoints: { cli: here("src/cli/main.ts") },
    outdir: here(`${out}/bin`),
    minifySyntax: true,
    minifyWhitespace: true,
    // It brings a compiler of its own, and is needed for TypeScript configurations only.
    external: ["jiti"],
    // CommonJS packages in an ESM bundle ask for `require`.
    banner: {
      js: 'import{createRequire as portwrightRequire}from"node:module";const require=portwrightRequire(import.meta.url);',
    },
  }),
  build({
    ...shared,
    entryPoints: {
      index: here("src/index.ts"),
      vitest: here("src/testing/vitest.ts"),
      "node-test": here("src/testing/node-test.ts"),
      jest: here("src/testing/jest.ts"),
    },
    outdir: here(`${out}/lib`),
    packages: "external",
  }),
  // Jest loads CommonJS unless told otherwise, and from CommonJS it cannot load anything else: all in one file.
  build({
    ...shared,
    splitting: false,
    entryPoints: { jest: here("src/testing/jest.ts") },
    outdir: here(`${out}/lib`),
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    external: ["jiti"],
    define: { "import.meta.url": "portwrightUrl" },
    banner: { js: 'const portwrightUrl=require("node:url").pathToFileURL(__filename).href;' },
  }),
]);

writeFileSync(
  here(`${out}/lib/jest.d.cts`),
  `import type * as portwright from "../types/src/testing/jest.js" with { "resolution-mode": "import" };
export declare const useHarness: typeof portwright.useHarness;
export type * from "../types/src/testing/jest.js" with { "resolution-mode": "import" };
`,
);
