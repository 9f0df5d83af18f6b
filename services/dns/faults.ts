import type { FaultCase } from "../../src/contract/service.ts";
import { EDNS_FAULTS, RCODE_FAULTS, REPLY_FAULTS } from "./faults-in-headers.ts";
import { CONTENT_FAULTS, TRANSFER_FAULTS } from "./faults-in-records.ts";
import { DATAGRAM_FAULTS, STREAM_FAULTS } from "./faults-on-the-way.ts";

/** The ways to fail that one rule can show, each. */
export const FAULTS: readonly FaultCase[] = [
  ...RCODE_FAULTS,
  ...REPLY_FAULTS,
  ...DATAGRAM_FAULTS,
  ...STREAM_FAULTS,
  ...EDNS_FAULTS,
  ...CONTENT_FAULTS,
  ...TRANSFER_FAULTS,
];
