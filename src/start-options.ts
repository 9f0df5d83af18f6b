import type { GenericSchema, InferInput } from "valibot";
import type { ServiceName, services } from "../services/registry.ts";
import type { FieldTable } from "./contract/service.ts";
import type { RuleInput } from "./stub/rule-input.ts";
import type { Harness } from "./supervisor/harness.ts";
import type { Scope } from "./supervisor/scope.ts";
import type { ServiceHandle } from "./supervisor/service-handle.ts";

/** What an instance may be given: its port, rules and its service's own options; `service` where the name is your own. */
export type InstanceOptions = {
  readonly service?: ServiceName;
  readonly port?: number;
  readonly rules?: readonly RuleInput[];
} & {
  readonly [option: string]: unknown;
};

type CustomInstance = InstanceOptions & { readonly service: ServiceName };

/** Services by name, or with their options; under a name of your own with `service`. */
export type WantedServices = readonly ServiceName[] | { readonly [name: string]: true | InstanceOptions };

/** Misspelt service names do not compile: a name is a service's, or its value says which service it is. */
type Checked<S> = S extends readonly unknown[]
  ? S
  : { readonly [Name in keyof S]: Name extends ServiceName ? S[Name] : CustomInstance };

/** The names of the instances that such services make. */
export type NamesOf<S> = S extends readonly (infer Name extends string)[] ? Name : keyof S & string;

type Services = typeof services;

/** The handle of a service: its requests' fields and its replies are known. */
export type HandleOf<Name extends ServiceName> = Services[Name] extends {
  readonly request: infer Request extends FieldTable;
  readonly stub: infer Stub extends GenericSchema;
}
  ? ServiceHandle<Request, InferInput<Stub>>
  : ServiceHandle;

/** Which service an instance is of. */
type ServiceOf<S, Name> = S extends readonly unknown[]
  ? Name
  : Name extends keyof S
    ? S[Name] extends { readonly service: infer Service }
      ? Service
      : Name
    : never;

/** The handles of such services by their instances' names, those left out that are names of something else. */
type HandlesOf<S, Taken> =
  string extends NamesOf<S>
    ? unknown
    : { readonly [Name in Exclude<NamesOf<S>, Taken>]: HandleOf<Extract<ServiceOf<S, Name>, ServiceName>> };

/** A harness with a property for each of its services, which its scopes have too. */
export type RunningHarness<S = readonly ServiceName[]> = Harness<NamesOf<S>, HandlesOf<S, keyof Scope>> &
  HandlesOf<S, keyof Harness>;

/** What may be said of the world; what is not said is as in the fixtures. */
export interface WorldOptions {
  /** In lower case; takes the place of `example.test` everywhere. */
  domain?: string | undefined;
  /** Who may log in, in place of alice and bob. */
  accounts?: { name: string; password: string; fullName?: string | undefined }[] | undefined;
  /** Texts by their absolute path, added to the files of the fixtures. */
  files?: { [path: string]: string } | undefined;
  /**
   * DNS zones by their origin: a master file as text (RFC 1035 section 5), or names with addresses or records, such as
   * `{ www: "192.0.2.10", "@": ["MX 10 mail", "TXT hello"] }`.
   */
  zones?: { [origin: string]: string | { [name: string]: string | string[] } } | undefined;
  /** What qotd says, one a day. */
  quotes?: string[] | undefined;
}

/** Bounds of everything that a peer can make grow. */
export interface LimitOptions {
  /** Sessions of one service and address at a time; 4,096. More are told so in the protocol's words. */
  maxSessions?: number | undefined;
  /** The same of one peer address; 1,024. */
  maxSessionsPerPeer?: number | undefined;
  /** Entries that the journal keeps; 50,000. The oldest are forgotten. */
  maxEntries?: number | undefined;
  /** Octets that the journal keeps; 64 MiB. */
  maxOctets?: number | undefined;
  /** Mailboxes that peers may make; 10,000. */
  maxMailboxes?: number | undefined;
  /** Octets in one mailbox, with 512 more for each message. */
  maxMailboxOctets?: number | undefined;
  /** Octets in all mailboxes together. */
  maxMailOctets?: number | undefined;
  /** Octets in all files together. */
  maxFileOctets?: number | undefined;
  /** Files and directories in all. */
  maxFiles?: number | undefined;
}

/** The library's argument: the same document as a configuration file. */
export interface StartOptions<S extends WantedServices = readonly ServiceName[]> {
  /** Which services run; all of them if left out. */
  readonly services?: S & Checked<S>;
  /** How ports are chosen: `ephemeral` (the default), `auto`, `well-known` or `offset:N`. */
  ports?: string | undefined;
  /** IP addresses to listen on, or `localhost` for both loopbacks, which is the default. */
  host?: string | string[] | undefined;
  /** Allow addresses that other machines can reach. */
  expose?: boolean | undefined;
  /** CIDR blocks or addresses of those who are answered; everybody who can reach the endpoints if left out. */
  allow?: string[] | undefined;
  /** A failed endpoint fails the start. The library's default is true, the command line's false. */
  strict?: boolean | undefined;
  /** Requests may provoke faults by themselves, such as mail to `452@fault.test`; false. */
  triggers?: boolean | undefined;
  /** `manual`: time stands still, at 2026-01-01T00:00:00Z, until `harness.advance` moves it; `system`. */
  clock?: "system" | "manual" | undefined;
  /** Seeds everything random: a whole number from 0; 1. */
  seed?: number | undefined;
  /** Ports for data connections (FTP), such as `50000-50100`; otherwise the system chooses. */
  channelPorts?: string | undefined;
  /** How long sessions may take to say goodbye, in milliseconds; 500. */
  graceMs?: number | undefined;
  /** Started as root: the user to become once every port is bound. */
  user?: string | undefined;
  world?: WorldOptions | undefined;
  limits?: LimitOptions | undefined;
}
