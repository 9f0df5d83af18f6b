import { expect, it } from "vitest";
import { decodeWords } from "../../src/wire/encoded-words.ts";

it.each<[written: string, text: string]>([
  ["no words at all", "no words at all"],
  ["=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"],
  ["=?UTF-8?b?R3LDvMOfZQ==?= aus =?iso-8859-1?q?K=F6ln?=", "Grüße aus Köln"],
  // RFC 2047 section 8.
  ["(=?ISO-8859-1?Q?a?=)", "(a)"],
  ["(=?ISO-8859-1?Q?a?= b)", "(a b)"],
  ["(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"],
  ["(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)"],
  ["(=?ISO-8859-1?Q?a_b?=)", "(a b)"],
  ["(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)"],
  ["=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore <moore@cs.utk.edu>"],
  // RFC 2231 section 5.
  ["=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore"],
  ["=?koi8-r?B?8NLJ18XU?=", "Привет"],
  // One character in two words.
  ["=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?=", "Grüße"],
  ["=?utf-8?Q?=ff?=", "\ufffd"],
  ["=?x-unknown?Q?a=20b?=", "=?x-unknown?Q?a=20b?="],
  ["=?utf-8?X?a?=", "=?utf-8?X?a?="],
  ["=?utf-8?Q?unfinished", "=?utf-8?Q?unfinished"],
  ["=?utf-8?Q?=4?=", "=4"],
  ["=??Q?a?=", "=??Q?a?="],
])("%j is %j", (written, text) => {
  expect(decodeWords(written)).toBe(text);
});

it.each(["=?", "=?a?q?", "=?a?q?b ", "=?a*b"])("%j many times is read in no time", (part) => {
  const before = performance.now();
  decodeWords(part.repeat(20_000));
  expect(performance.now() - before).toBeLessThan(1000);
});
