import { readFileSync, writeFileSync } from "node:fs";
import { withTables } from "../../repo/tables.ts";
import { PAGE, printReactions } from "./page.ts";

// `npm run reactions`: lets every resolver meet every fault, and writes down what it does. Needs them all; takes a minute.
writeFileSync(PAGE, withTables(readFileSync(PAGE, "utf8"), new Map([["reactions", await printReactions()]])));
