import { defineConfig } from "vitest/config";

/** A project as a user has it: its tests are run by test/testing/vitest.test.ts, in a process of their own. */
export default defineConfig({
  test: {
    maxWorkers: 8,
    projects: [
      { test: { name: "passing", root: import.meta.dirname, include: ["passing.spec.ts"] } },
      { test: { name: "failing", root: import.meta.dirname, include: ["failing.spec.ts"] } },
      ...Array.from({ length: 8 }, (_, at) => ({
        test: { name: `parallel-${at}`, root: import.meta.dirname, include: ["parallel.spec.ts"] },
      })),
    ],
  },
});
