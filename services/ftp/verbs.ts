import type { Command, Control } from "./control.ts";
import { allowRename, cdup, cwd, dele, enter, mdtm, mfmt, mkd, pwd, rmd, rnfr, rnto, size } from "./directories.ts";
import { abor, appe, retr, stor, stou } from "./files.ts";
import { clnt, feat, help, noop, site, stat, syst } from "./information.ts";
import { list, mlsd, mlst, nlst, withoutFlags } from "./listings.ts";
import { acct, logIn, pass, quit, rein, user } from "./login.ts";
import { allo, mode, opts, rest, structure, type } from "./parameters.ts";
import { enterExtendedPassive, enterPassive } from "./passive.ts";
import type { Reply } from "./wire.ts";

export interface Verb {
  /** `always`: before login too. */
  readonly when: "always" | "logged-in";
  readonly argument: "none" | "optional" | "required";
  /** The argument as HELP and 501 replies show it. */
  readonly syntax: string;
  /** The path in the argument: "" for the current directory, `undefined` for none. */
  readonly path?: (argument: string) => string | undefined;
  /** Taken up at once while a transfer is in progress (RFC 959 section 4.1.3); other commands wait. */
  readonly urgent?: true;
  /** Known, but not offered yet: HELP does not name it. */
  readonly absent?: true;
  /** Its line in the reply to FEAT. */
  readonly feature?: string;
  /** It uses the data connection. */
  readonly transfer?: true;
  /** The final reply, or `undefined` if it comes later. */
  run(control: Control, command: Command): Reply | undefined;
  /** What a rule's positive reply changes, if that is not what `run` does. */
  grant?(control: Control, command: Command, code: number): void;
}

const whole = (argument: string) => argument;
const ifAny = (argument: string) => argument || undefined;
const afterTime = (argument: string) => argument.slice(argument.indexOf(" ") + 1);

/** A command on one path, for those who are logged in. */
const onPath = (run: Verb["run"], feature?: string): Verb => ({
  when: "logged-in",
  argument: "required",
  syntax: "path",
  path: whole,
  ...(feature === undefined ? {} : { feature }),
  run,
});
const bare = (when: Verb["when"], run: Verb["run"]): Verb => ({ when, argument: "none", syntax: "", run });
const listing = (run: Verb["run"], path: NonNullable<Verb["path"]> = whole): Verb => ({
  when: "logged-in",
  argument: "optional",
  syntax: "[path]",
  path,
  run,
});
const transfer = (verb: Verb): Verb => ({ ...verb, transfer: true });
const parameter = (syntax: string, run: Verb["run"]): Verb => ({
  when: "logged-in",
  argument: "required",
  syntax,
  run,
});
const absent = (syntax: string, text = "Command not implemented."): Verb => ({
  when: "always",
  argument: "optional",
  syntax,
  absent: true,
  run: () => ({ code: 502, text }),
});
const NO_ACTIVE_MODE = "Command not implemented; use EPSV or PASV.";

/** Every command, by its name. */
export const VERBS: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ["ABOR", { ...bare("logged-in", abor), urgent: true }],
  ["ACCT", { when: "always", argument: "required", syntax: "account", run: acct, grant: logIn }],
  ["ALLO", parameter("octets [R octets]", allo)],
  ["APPE", transfer(onPath(appe))],
  ["AUTH", absent("mechanism")],
  ["CDUP", { ...bare("logged-in", cdup), grant: enter }],
  ["CLNT", { when: "always", argument: "required", syntax: "name", run: clnt }],
  ["CWD", { ...onPath(cwd), grant: enter }],
  ["DELE", onPath(dele)],
  ["EPRT", absent("|protocol|address|port|", NO_ACTIVE_MODE)],
  [
    "EPSV",
    { when: "logged-in", argument: "optional", syntax: "[1|2|ALL]", feature: "EPSV", run: enterExtendedPassive },
  ],
  ["FEAT", bare("always", (control) => feat(control, VERBS))],
  [
    "HELP",
    {
      when: "always",
      argument: "optional",
      syntax: "[command]",
      run: (control, command) => help(control, command, VERBS),
    },
  ],
  ["LIST", transfer(listing(list, withoutFlags))],
  ["MDTM", onPath(mdtm, "MDTM")],
  ["MFMT", { ...onPath(mfmt, "MFMT"), syntax: "YYYYMMDDHHMMSS path", path: afterTime }],
  ["MKD", onPath(mkd)],
  ["MLSD", transfer(listing(mlsd))],
  ["MLST", { ...listing(mlst), feature: "MLST" }],
  ["MODE", parameter("S", mode)],
  ["NLST", transfer(listing(nlst, withoutFlags))],
  ["NOOP", { ...bare("always", noop), urgent: true }],
  ["OPTS", { when: "always", argument: "required", syntax: "UTF8 ON|OFF, or MLST facts", run: opts }],
  ["PASS", { when: "always", argument: "optional", syntax: "password", run: pass, grant: logIn }],
  ["PASV", bare("logged-in", enterPassive)],
  ["PBSZ", absent("octets")],
  ["PORT", absent("h1,h2,h3,h4,p1,p2", NO_ACTIVE_MODE)],
  ["PROT", absent("level")],
  ["PWD", bare("logged-in", pwd)],
  ["QUIT", bare("always", quit)],
  ["REIN", bare("always", rein)],
  ["REST", { ...parameter("octets", rest), feature: "REST STREAM" }],
  ["RETR", transfer(onPath(retr))],
  ["RMD", onPath(rmd)],
  ["RNFR", { ...onPath(rnfr), grant: allowRename }],
  ["RNTO", onPath(rnto)],
  ["SITE", { when: "always", argument: "required", syntax: "HELP", run: site }],
  ["SIZE", onPath(size, "SIZE")],
  ["SMNT", absent("path")],
  ["STAT", { ...listing(stat, ifAny), urgent: true }],
  ["STOR", transfer(onPath(stor))],
  ["STOU", transfer(listing(stou, ifAny))],
  ["STRU", parameter("F", structure)],
  ["SYST", bare("always", syst)],
  ["TYPE", parameter("A|I|L 8", type)],
  ["USER", { when: "always", argument: "required", syntax: "name", run: user, grant: logIn }],
  // RFC 1123 section 4.1.3.1: the experimental names of directory commands
  ["XCUP", { ...bare("logged-in", cdup), grant: enter }],
  ["XCWD", { ...onPath(cwd), grant: enter }],
  ["XMKD", onPath(mkd)],
  ["XPWD", bare("logged-in", pwd)],
  ["XRMD", onPath(rmd)],
]);
