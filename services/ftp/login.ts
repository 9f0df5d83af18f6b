import type { Command, Control } from "./control.ts";
import { printable, type Reply } from "./wire.ts";

/** Access control commands (RFC 959 section 4.1.1). */

const ANONYMOUS = ["anonymous", "ftp"];

export function user(control: Control, command: Command): Reply {
  const { accounts } = control.context.world;
  // RFC 959 section 4.1.1: USER flushes the login; transfer parameters stay
  control.login = "NEED-PASSWORD";
  control.user = command.argument;
  control.anonymous = ANONYMOUS.includes(control.user.toLowerCase()) && accounts.find(control.user) === undefined;
  control.directory = "/";
  control.renameFrom = undefined;
  if (!control.anonymous) return { code: 331, text: `Password required for ${printable(control.user)}.` };
  if (control.context.options.anonymous)
    return { code: 331, text: "Anonymous login ok, send your e-mail address as password." };
  control.login = "NOT-LOGGED-IN";
  return { code: 530, text: "Anonymous login is not offered here." };
}

export function pass(control: Control, command: Command): Reply {
  if (control.login !== "NEED-PASSWORD") return { code: 503, text: "Login with USER first." };
  if (!control.anonymous && !control.context.world.accounts.authenticate(control.user, command.argument))
    return loginFailed(control);
  control.login = "LOGGED-IN";
  control.loginFailures = 0;
  const text = control.anonymous ? "Anonymous access granted." : `User ${printable(control.user)} logged in.`;
  return { code: 230, text };
}

/** What a reply of a rule says to USER, PASS and ACCT (RFC 959 section 6, the login diagram). */
export function logIn(control: Control, command: Command, code: number): void {
  if (command.verb === "USER") user(control, command);
  if (code === 331) control.login = "NEED-PASSWORD";
  else if (code === 332) control.login = "NEED-ACCOUNT";
  else if (!isIntermediate(code)) control.login = "LOGGED-IN";
}

/** RFC 959 section 4.2: the client is to go on. */
function isIntermediate(code: number): boolean {
  return code >= 300 && code < 400;
}

function loginFailed(control: Control): Reply {
  control.login = "NOT-LOGGED-IN";
  control.loginFailures += 1;
  control.note("login-failed", { user: control.user });
  if (control.loginFailures < control.context.options.maxLoginFailures) return { code: 530, text: "Login incorrect." };
  return { code: 421, text: "Too many failed logins, closing control connection.", close: true };
}

export function acct(control: Control): Reply {
  if (control.login === "NEED-ACCOUNT") {
    control.login = "LOGGED-IN";
    return { code: 230, text: `User ${printable(control.user)} logged in.` };
  }
  if (control.login === "LOGGED-IN") return { code: 202, text: "ACCT is not needed here." };
  return { code: 503, text: "Login with USER and PASS." };
}

export function rein(control: Control): Reply {
  control.reinitialize();
  return { code: 220, text: "Service ready for new user." };
}

export function quit(): Reply {
  return { code: 221, text: "Goodbye.", close: true };
}
