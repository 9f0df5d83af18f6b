import * as v from "valibot";
import { BAD_NAMES, COOKIES, QUESTION_CHANGES } from "./dns-reply.ts";

const U16 = 0xffff;
const U32 = 2 ** 32 - 1;

const flag = (doc: string) => v.optional(v.pipe(v.boolean(), v.description(doc)));
const whole = (min: number, max: number, doc: string) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max), v.description(doc)));
const text = (doc: string) => v.optional(v.pipe(v.string(), v.description(doc)));
const records = (doc: string) =>
  v.optional(
    v.pipe(v.union([v.string(), v.array(v.string())], "an address, a record, or a list of them"), v.description(doc)),
  );
const octets = (doc: string) =>
  v.optional(v.pipe(v.union([v.string(), v.instance(Uint8Array)], "a text or octets"), v.description(doc)));
const map = <Entries extends v.ObjectEntries>(entries: Entries, doc: string) =>
  v.optional(v.pipe(v.strictObject(entries), v.description(doc)));

const count = whole(0, U16, "What the header says of it.");

/** The OPT record, as rules write it. */
const ednsFields = v.strictObject({
  udpOctets: whole(0, U16, "The UDP size that is offered."),
  version: whole(0, 255, "The EDNS version."),
  dnssecOk: flag("The DO bit, whatever the client's is."),
  ede: map(
    { code: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(U16)), text: v.optional(v.string(), "") },
    "An extended error (RFC 8914).",
  ),
  nsid: text("The server's identity (RFC 5001), though nobody asks."),
  cookie: v.optional(v.picklist(COOKIES)),
  clientSubnetScope: whole(0, 128, "SCOPE PREFIX-LENGTH, for a client that sends its subnet (RFC 7871)."),
  echo: flag("Every option of the query comes back."),
  options: v.optional(
    v.array(
      v.strictObject({
        code: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(U16)),
        hex: v.optional(v.pipe(v.string(), v.regex(/^([0-9a-f]{2})*$/i, "pairs of hexadecimal digits")), ""),
      }),
    ),
  ),
  owner: text("The OPT record's owner, which should be the root."),
  copies: whole(1, 10, "How many OPT records there are."),
});

/** A reply, field by field, as rules write it. */
export const replyFields = v.strictObject({
  rcode: text("`SERVFAIL`, `RCODE12` ...; `NOERROR` if there are records. `NODATA` is NOERROR without any."),
  answers: records(
    "Addresses for A and AAAA; records: `@ 300 IN A 192.0.2.1`, `MX 10 mail` (`@`: the name asked for).",
  ),
  authority: records("Likewise. Negative answers have their zone's SOA, unless said otherwise: `[]`."),
  additional: records("Likewise, without the OPT record."),
  ttl: whole(
    -(2 ** 31),
    U32,
    "Of records that state none, 300 if left out; of all, where the answer is the service's own. Below 0, too.",
  ),
  authoritative: flag("AA; set unless there is an error."),
  truncated: flag("TC."),
  recursionDesired: flag("RD, whatever the query's is."),
  recursionAvailable: flag("RA."),
  authenticData: flag("AD."),
  checkingDisabled: flag("CD, whatever the query's is."),
  edns: v.optional(
    v.pipe(
      v.union([v.literal(false), ednsFields], "false, or a map of what the OPT record has"),
      v.description(
        "`false`: no OPT record. A map, and it is sent though it was not asked for, with `udpOctets`, `version`, `dnssecOk`, " +
          "`ede: { code, text }`, `nsid`, `cookie` (`good`, `short`, `changed`, `missing`), `clientSubnetScope`, `echo` (of all options), " +
          "`options: [{ code, hex }]`; broken: `owner`, `copies`.",
      ),
    ),
  ),
  soa: map(
    {
      serial: whole(0, U32, "Of every SOA."),
      owner: text("Of every SOA."),
      final: flag("false: a zone transfer ends without its SOA."),
    },
    "What is different in SOA records: `serial`, `owner`, and `final: false` for a zone transfer without an end.",
  ),
  maxOctets: whole(12, U16, "UDP: how long it may be, whatever the client can take."),
  id: v.optional(
    v.pipe(
      v.union(
        [v.literal("wrong"), v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(U16))],
        'an ID, or "wrong"',
      ),
      v.description("Another ID than the query's."),
    ),
  ),
  response: flag("QR; `false`: it looks like a query."),
  opcode: text("Another opcode than the query's."),
  question: v.optional(
    v.pipe(
      v.picklist(QUESTION_CHANGES),
      v.description("The question comes back `wrong`, of another `type`, in the other `case`, `missing` or `twice`."),
    ),
  ),
  counts: map(
    { questions: count, answers: count, authority: count, additional: count },
    "What the header says there is in each section.",
  ),
  badName: v.optional(
    v.pipe(
      v.picklist(BAD_NAMES),
      v.description(
        "The first record's name: a pointer to itself (`loop`), `forward`, `beyond` the message; a `long-label`, a `long-name`.",
      ),
    ),
  ),
  rdlength: whole(0, U16, "The RDLENGTH of the first record."),
  trailing: octets("Octets behind the last record."),
  cut: whole(1, U16, "So many octets are missing at the end."),
  length: whole(0, U16, "TCP: what the two octets before the message say."),
  behind: whole(1, 100, "TCP: it leaves behind the answers to so many later queries."),
});

export type ReplyFields = v.InferOutput<typeof replyFields>;
export type EdnsFields = v.InferOutput<typeof ednsFields>;
