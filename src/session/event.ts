import type { Input } from "../contract/machine.ts";

/** An input without its time, as the session's inbox holds it. */
type Unstamped<T> = T extends unknown ? Omit<T, "now"> : never;
export type Event = Unstamped<Input>;
