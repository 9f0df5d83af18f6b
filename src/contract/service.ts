import type { GenericSchema, InferOutput } from "valibot";
import type { AskEnclosed, EnclosedExchange, EnclosedMessage } from "./enclosed.ts";
import type { Phase } from "./fault.ts";
import type { Fields, Machine, Responder } from "./machine.ts";
import type { DatagramRules, Rules } from "./rules.ts";
import type { World } from "./world.ts";

export type Transport = "tcp" | "udp";

/** Where a service of the harness can be reached. */
export interface Reachable {
  readonly service: string;
  readonly transport: Transport;
  /** The name it goes by, such as `mail.example.test`. */
  readonly hostname: string;
  readonly address: string;
  readonly port: number;
}

/** What a machine or responder is made with. One context serves all sessions of a binding. */
export interface Context<Options> {
  readonly options: Options;
  readonly world: World;
  /** The connection is inside TLS. */
  readonly secure: boolean;
  /** The name the service gives itself in greetings, such as `mail.example.test`. */
  readonly hostname: string;
  /** A number in [0, 1), from the harness's seed. */
  random(): number;
  /** How to ask the service of this harness that takes messages of this media type inside others; `undefined` if none does. */
  enclosed?(mediaType: string): AskEnclosed | undefined;
  /** Where each service of this harness can be reached; none until all have been bound. */
  endpoints?(): readonly Reachable[];
}

/** How a declared field reads; from these come the journal's columns and the tables in the service's README. */
export interface FieldSpec {
  readonly type: "string" | "number" | "boolean" | "octets" | "list" | "map";
  /** What it is, in one line, with its RFC section where it has one. */
  readonly doc: string;
  /** Of a map: the keys whose values are secrets, such as `authorization`. The journal has them; nobody is shown them. */
  readonly secret?: readonly string[];
  /** What the values of a request are chosen from: a rule for any other text could never match. Patterns are free. */
  readonly values?: readonly string[];
  /** Beside `values`: others that have no name, such as `TYPE65280`. */
  readonly others?: RegExp;
  /** How a text is written in requests, such as in lower case: what a rule wants is brought into the same form. */
  canonical?(text: string): string;
}

export type FieldTable = { readonly [name: string]: FieldSpec };

/** One step of the small built-in client that proves an endpoint ready by a real exchange. */
export type ProbeStep =
  | { readonly send: string | Uint8Array }
  /** Read until what has arrived matches; a string is a prefix of it. */
  | { readonly expect: string | RegExp }
  /** Half-close, and read until the peer closes. */
  | { readonly expectEnd: true };

/** Prints and reads datagrams and binary messages as text, for dialogues and for people. */
export interface Notation {
  read(text: string): Uint8Array;
  write(octets: Uint8Array): string;
  /** A message as it goes over a stream, such as DNS over TCP's with its length before it. */
  frame?(message: Uint8Array): Uint8Array;
  /** The whole messages at the beginning of a stream. */
  unframe?(octets: Uint8Array): Uint8Array[];
}

/**
 * Requests that provoke a fault by themselves, for clients that nobody can reconfigure: `452@fault.test`. Looked at only
 * when the harness was started with `triggers`.
 */
export interface Triggers {
  /** For people: what to ask for, and what comes of it. */
  readonly table: readonly { readonly trigger: string; readonly effect: string }[];
  /** What a request asks for: a rule's `reply` and `fault`, as users write them, and the phase if it is not the usual one. */
  match(
    request: Fields,
  ): { readonly when?: { readonly phase: Phase }; readonly reply?: unknown; readonly fault?: unknown } | undefined;
}

/** One way to fail that a service can be made to show, for its README and for the test that provokes each of them. */
export interface FaultCase {
  /** What happens, in the field's words. */
  readonly name: string;
  /** The rule, as a user writes it. */
  readonly rule: { readonly [key: string]: unknown };
  /** What the client sees: a code, `ECONNRESET`, a timeout. */
  readonly seen: string;
}

/** A protocol, whole: where it listens, how it answers, how to try it. */
export interface Service<
  Name extends string = string,
  Schema extends GenericSchema = GenericSchema,
  Stub extends GenericSchema = GenericSchema,
> {
  /** Folder, config key, journal tag and command-line word. */
  readonly name: Name;
  /** What the letters stand for. */
  readonly title: string;
  readonly specs: readonly string[];
  /** IANA's port. */
  readonly port: number;
  readonly transports: readonly Transport[];
  /** TLS from the first octet, with these ALPN protocols. */
  readonly tls?: { readonly alpn: readonly string[] };
  /** For URLs: `smtp` in `smtp://127.0.0.1:10025`. */
  readonly scheme: string;
  /** The first label of the name the service goes by: `mail` in `mail.example.test`. */
  readonly host: string;
  /** The service's own options, all with defaults. */
  readonly options: Schema;
  readonly request: FieldTable;
  readonly reply: FieldTable;
  /** What a rule may answer, as users write it; its output is the service's own form of a reply. */
  readonly stub: Stub;
  /** The service speaks first. */
  readonly greets?: boolean;
  /** Its sessions have secondary connections, such as FTP's data connection, which faults can befall alone. */
  readonly channels?: boolean;
  readonly triggers?: Triggers;
  /** The host names and mail domains that a request is about: by them a test's scope knows its own. */
  names?(request: Fields): readonly string[];
  /** It could not do what it was asked: a reply that no test expects unless a rule says so. */
  isRefusal?(reply: Fields): boolean;
  /** A request and its reply on one line, as the protocol's own tools would tell it; otherwise their fields are printed. */
  summary?(request: Fields, reply: Fields): string;
  /** Throws an error for the user, with its place, if this world and these options cannot be served. */
  check?(context: Context<InferOutput<Schema>>): void;
  /** Over TCP (and TLS): one machine for each connection, with the rules of its session. */
  machine?(context: Context<InferOutput<Schema>>, rules?: Rules<InferOutput<Stub>>): Machine;
  /** Over UDP: one responder for each binding. */
  responder?(context: Context<InferOutput<Schema>>, rules?: DatagramRules<InferOutput<Stub>>): Responder;
  /** Whole messages of this media type, in lower case, may come inside other services' requests: DNS queries inside HTTP. */
  readonly enclosed?: {
    readonly mediaType: string;
    /** `undefined` for what is no request. Never throws for what a peer sent. */
    respond(
      message: EnclosedMessage,
      context: Context<InferOutput<Schema>>,
      rules: Rules<InferOutput<Stub>>,
    ): EnclosedExchange | undefined;
  };
  /** The journal's record of a datagram and its answer, made only when somebody reads it. */
  exchange?(datagram: Uint8Array, answer: Uint8Array | undefined): { request: Fields; reply: Fields };
  readonly notation?: Notation;
  /** A real exchange for each transport. Over UDP: one `send` and one `expect`, or none where no answer comes. */
  readonly probe: { readonly [T in Transport]?: readonly ProbeStep[] };
  /** A command that a newcomer can paste to see the service answer. `host` is an address, bracketed nowhere. */
  example(at: { readonly host: string; readonly port: number; readonly transport: Transport }): string;
}

/** Declares a service; exists for its types. */
export function defineService<
  const Name extends string,
  Schema extends GenericSchema,
  Stub extends GenericSchema,
  const Request extends FieldTable,
>(
  service: Service<Name, Schema, Stub> & { readonly request: Request },
): Omit<Service<Name, Schema, Stub>, "request"> & { readonly request: Request } {
  return service;
}
