import { defineConfig } from "vitest/config";

const HOUR_MS = 3_600_000;

/** `npm test` is what every change must pass; `npm run nightly` fuzzes and soaks for as long as that takes. */
export default defineConfig(({ mode }) => ({
  test:
    mode === "nightly"
      ? {
          include: ["test/fuzz/**/*.test.ts", "test/nightly/**/*.test.ts"],
          env: { PORTWRIGHT_FUZZ: process.env.PORTWRIGHT_FUZZ ?? "20000" },
          testTimeout: HOUR_MS,
          hookTimeout: HOUR_MS,
        }
      : {
          include: ["test/**/*.test.ts"],
          exclude: ["test/nightly/**"],
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
}));
