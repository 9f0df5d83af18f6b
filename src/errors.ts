/** Every code of a `PortwrightError` or diagnosis, with what it means. */
export const ERROR_CODES = {
  PORT_FORBIDDEN: "The operating system does not let this process bind the port.",
  PORT_TAKEN: "Another socket holds the port on an address that overlaps.",
  PORT_SHADOWED: "The port is bound, but some clients of this machine reach another process on the same number.",
  PORT_UNUSABLE: "Binding failed for a reason other than privilege, a taken port or an absent address.",
  PORT_CLASH: "Two instances of one plan want the same port.",
  PORT_OUT_OF_RANGE: "A port number is not from 0 to 65535, or a port scheme leads beyond.",
  PORT_SCHEME_UNKNOWN: "A port scheme is not auto, well-known, ephemeral or offset:N.",
  ADDRESS_ABSENT: "No interface of this machine has the address.",
  ADDRESS_INVALID: "A text is not an IP address or CIDR block.",
  USER_UNKNOWN: "The user to drop privileges to does not exist, or is root.",
  PRIVILEGE_KEPT: "Privileges cannot be dropped, or could be had again after they were.",
  CONFIG_INVALID: "The configuration has an unknown key, a wrong type or a value out of range.",
  CONFIG_UNREADABLE: "The configuration file is missing, or is not JSON, YAML or TypeScript.",
  FILE_UNWRITABLE: "A file that was asked for cannot be written.",
  WORLD_INVALID: "The world has a file that cannot be there, or a zone with a mistake that a service cannot serve.",
  SERVICE_UNKNOWN: "No service of this name exists.",
  EXPOSURE_REFUSED: "An address beyond loopback was asked for without saying so.",
  USAGE: "The command line says something that no command understands.",
  START_FAILED: "At least one endpoint did not come up.",
  ENDPOINT_ABSENT: "The harness has no such endpoint, or it failed.",
  RULE_INVALID: "A rule has an unknown field, a value that can never match, or a reply or fault that cannot be.",
  SCOPE_INVALID: "A scope's name is no label of the DNS, or a service cannot tell whose a request is.",
  VERIFY_FAILED: "A rule was never used, or a request was refused that no rule is about.",
  CLOCK_RUNS: "The system's clock cannot be advanced; a harness needs the manual one for that.",
  QUERY_INVALID: "A query asks for a field that the service does not have, or for a value that no field can have.",
  WAIT_TIMEOUT: "What a test waited for did not happen in time.",
  JOURNAL_MALFORMED: "A line of a journal that was kept as JSON Lines is not an entry.",
  DIALOGUE_MALFORMED: "A dialogue file has a line that cannot be read.",
  DIALOGUE_DIFFERS: "A service answered a dialogue otherwise than it is written.",
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** What the user of Portwright did wrong or can mend; what a peer does wrong is never an error. */
export class PortwrightError extends Error {
  override readonly name = "PortwrightError";
  readonly code: ErrorCode;
  /** Where the mistake stands, such as `services.smtp.port`; the message starts with it. */
  readonly place: string | undefined;
  /** Ready-to-paste ways out, the gentlest first. */
  readonly remedies: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    details: { readonly place?: string; readonly remedies?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    const { place, cause } = details;
    super(place === undefined ? message : `${place}: ${message}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.place = place;
    this.remedies = details.remedies ?? [];
  }
}
