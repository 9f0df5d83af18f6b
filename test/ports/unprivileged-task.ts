import { diagnose } from "../../src/ports/diagnose.ts";
import { dropPrivileges } from "../../src/ports/drop-privileges.ts";
import { whoHolds } from "../../src/ports/owners.ts";
import { mayBind } from "../../src/ports/privilege.ts";
import { portsReport } from "../../src/ports/report.ts";
import { trialBind } from "../../src/ports/trial-bind.ts";

/** What tests ask of a process of another user. */
export const TASKS = {
  diagnose: (...question: Parameters<typeof diagnose>) => diagnose(...question),
  whoHolds: (...question: Parameters<typeof whoHolds>) => whoHolds(...question),
  mayBind: (...question: Parameters<typeof mayBind>) => mayBind(...question),
  portsReport: (...question: Parameters<typeof portsReport>) => portsReport(...question),
  trialBind: async (...question: Parameters<typeof trialBind>) => (await trialBind(...question))?.code ?? "bound",
  dropPrivileges: (...question: Parameters<typeof dropPrivileges>) => {
    const user = dropPrivileges(...question);
    return { user, uid: process.getuid?.(), gid: process.getgid?.(), groups: process.getgroups?.() };
  },
} as const;

const [question] = process.argv.slice(2);
if (question !== undefined) {
  const [task, parameters] = JSON.parse(question) as [keyof typeof TASKS, []];
  const run = TASKS[task] as (...given: []) => unknown;
  try {
    console.log(JSON.stringify({ answer: await run(...parameters) }));
  } catch (error) {
    const { code, message, remedies } = error as { code?: string; message: string; remedies?: readonly string[] };
    console.log(JSON.stringify({ error: { code, message, remedies } }));
  }
}
