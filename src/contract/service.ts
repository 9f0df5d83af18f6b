import type { GenericSchema, InferOutput } from "valibot";
import type { Fields, Machine, Responder } from "./machine.ts";
import type { World } from "./world.ts";

export type Transport = "tcp" | "udp";

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
}

/** How a declared field reads; from these come the journal's columns and the tables in the service's README. */
export interface FieldSpec {
  readonly type: "string" | "number" | "boolean" | "octets" | "list" | "map";
  /** What it is, in one line, with its RFC section where it has one. */
  readonly doc: string;
  /** Of a map: the keys whose values are secrets, such as `authorization`. The journal has them; nobody is shown them. */
  readonly secret?: readonly string[];
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

/** A protocol, whole: where it listens, how it answers, how to try it. */
export interface Service<Name extends string = string, Schema extends GenericSchema = GenericSchema> {
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
  /** Throws an error for the user, with its place, if this world and these options cannot be served. */
  check?(context: Context<InferOutput<Schema>>): void;
  /** Over TCP (and TLS): one machine for each connection. */
  machine?(context: Context<InferOutput<Schema>>): Machine;
  /** Over UDP: one responder for each binding. */
  responder?(context: Context<InferOutput<Schema>>): Responder;
  /** The journal's record of a datagram and its answer, made only when somebody reads it. */
  exchange?(datagram: Uint8Array, answer: Uint8Array | undefined): { request: Fields; reply: Fields };
  readonly notation?: Notation;
  /** A real exchange for each transport. Over UDP: one `send` and one `expect`, or none where no answer comes. */
  readonly probe: { readonly [T in Transport]?: readonly ProbeStep[] };
  /** A command that a newcomer can paste to see the service answer. `host` is an address, bracketed nowhere. */
  example(at: { readonly host: string; readonly port: number; readonly transport: Transport }): string;
}

/** Declares a service; exists for its types. */
export function defineService<const Name extends string, Schema extends GenericSchema>(
  service: Service<Name, Schema>,
): Service<Name, Schema> {
  return service;
}
