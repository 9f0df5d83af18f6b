import type { Transport } from "../contract/service.ts";

/** A golden transcript: what a client says, and to the octet what the service answers. */
export interface Dialogue {
  /** The file it was read from, for messages. */
  readonly source: string;
  readonly service: string;
  readonly transport: Transport;
  readonly options: { readonly [key: string]: unknown };
  /** What the clock shows, in milliseconds since the epoch. */
  readonly clock: number;
  /** It needs the clock moved or a certain peer, and cannot run over a real socket. */
  readonly onlyMachine: boolean;
  readonly steps: readonly Step[];
}

/** One line of a dialogue. `line` counts from 1. */
export type Step = { readonly line: number } & (
  | { readonly type: "send"; readonly channel: Side; readonly text: Template; readonly newline: boolean }
  | { readonly type: "send-message"; readonly text: string }
  | { readonly type: "end"; readonly channel: Side }
  | { readonly type: "connect"; readonly to: string }
  | { readonly type: "pass"; readonly ms: number }
  | { readonly type: "expect"; readonly channel: Side; readonly text: Template; readonly newline: boolean }
  | { readonly type: "expect-message"; readonly text: string }
  | { readonly type: "expect-end"; readonly channel: Side }
  | { readonly type: "expect-reset" }
);

/** The control connection, or the data connection beside it. */
export type Side = "main" | "data";

/** Octets as Latin-1 text, with the places that a name stands for; `{*}` is the name `*`. */
export type Template = readonly (string | { readonly name: string })[];
