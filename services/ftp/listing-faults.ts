import type { FaultCase } from "../../src/contract/service.ts";
import { fromLatin1 } from "../../src/wire/bytes.ts";

const listed = (name: string, listing: string | readonly string[] | Uint8Array, command = "LIST"): FaultCase => ({
  name,
  rule: { when: { command }, reply: { listing } },
  seen: "150, 226; the listing, FIN",
});

const HUGE = Array.from({ length: 5000 }, (_, n) => `-rw-r--r--   1 ftp ftp ${n} Jan  1  2026 file-${n}.txt`);

/** Listings as other servers write them, and as none should. */
export const LISTING_FAULTS: readonly FaultCase[] = [
  listed("A listing of Unix, with the hour", ["total 4", "-rw-r--r--   1 alice users  25 Jan  1 00:00 hello.txt"]),
  listed("A listing of DOS", [
    "01-01-26  12:00AM       <DIR>          pub",
    "01-01-26  12:00AM                   25 hello.txt",
  ]),
  listed("A listing in EPLF", ["+i8388621.29609,m824255902,/,\tpub", "+i8388621.44468,m839956783,r,s25,\thello.txt"]),
  listed("A listing of VMS", [
    "Directory DISK$USER:[ALICE]",
    "",
    "HELLO.TXT;1                1/3         1-JAN-2026 00:00  [ALICE]   (RWED,RWED,RE,)",
    "",
    "Total of 1 file, 1/3 blocks.",
  ]),
  listed("Dates without a year", "-rw-r--r-- 1 ftp ftp 25 Feb 29 23:59 hello.txt"),
  listed("Symbolic links", [
    "lrwxrwxrwx 1 ftp ftp 4 Jan  1  2026 latest -> v2.0",
    "lrwxrwxrwx 1 ftp ftp 6 Jan  1  2026 loop -> loop",
  ]),
  listed("Names with spaces", "-rw-r--r-- 1 ftp ftp 25 Jan  1  2026 a  file with spaces .txt"),
  listed("Names that begin with blanks", "-rw-r--r-- 1 ftp ftp 25 Jan  1  2026   leading.txt"),
  listed("Names that are no UTF-8", fromLatin1("-rw-r--r-- 1 ftp ftp 25 Jan  1  2026 gr\xfc\xdfe.txt\r\n")),
  listed("Nothing but a total", "total 0"),
  listed("An empty listing", ""),
  listed("A huge listing", HUGE),
  listed("A listing that is none", "ls: cannot open directory '.': Permission denied"),
  listed("Wrong facts", "type=file;size=99999999999999999999;modify=20261301; hello.txt", "MLSD"),
  listed("Facts without a name", ["type=file;size=25;", "type=cdir;modify=20260101000000; ."], "MLSD"),
  {
    name: "MLSD is advertised, and not understood",
    rule: { when: { command: "MLSD" }, reply: 500 },
    seen: "500; open",
  },
  listed("Names that come out of nowhere", ["../../etc/passwd", "/absolute", "nul\0octet"], "NLST"),
];
