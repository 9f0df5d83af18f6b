import { VERBS } from "./verbs.ts";

// IANA's registry of FTP commands and extensions, and what servers have invented
const ELSEWHERE = [
  "ADAT",
  "ALGS",
  "AVBL",
  "CCC",
  "COMB",
  "CONF",
  "CSID",
  "DSIZ",
  "ENC",
  "HASH",
  "HOST",
  "LANG",
  "LPRT",
];
const ELSEWHERE_TOO = ["LPSV", "MD5", "MFCT", "MFF", "MIC", "PRET", "RANG", "RMDA", "THMB", "XCRC", "XMD5", "XRCP"];

/** Every command that a rule can name: those that this service knows, those of other servers, and "" for none. */
export const COMMANDS: readonly string[] = [...VERBS.keys(), ...ELSEWHERE, ...ELSEWHERE_TOO, ""];
