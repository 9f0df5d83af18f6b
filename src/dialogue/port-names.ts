/** RFC 2428 section 3, and RFC 959 section 4.2 with the forms that RFC 1123 section 4.1.2.6 tells clients to expect. */
const EXTENDED = /^(S: 229 .*\(\|\|\|)(\d+)(\|\).*)$/;
const PASSIVE = /^(S: 227 .*\d+,\d+,\d+,\d+,)(\d+),(\d+)(\).*)$/;

/** Names for the ports that a service says its data connections are at: `{p1}`. */
export class PortNames {
  readonly #names = new Map<number, string>();
  #count = 0;

  /** The line of a dialogue with a name in place of a port that it announces. */
  name(line: string): string {
    const [, before, port, after] = EXTENDED.exec(line) ?? [];
    if (port !== undefined) {
      const name = this.#next();
      this.#names.set(Number(port), `{${name}}`);
      return `${before}{${name}}${after}`;
    }
    const [, start, high, low, end] = PASSIVE.exec(line) ?? [];
    if (high === undefined || low === undefined) return line;
    const name = this.#next();
    this.#names.set(Number(high) * 256 + Number(low), `{${name}h},{${name}l}`);
    return `${start}{${name}h},{${name}l}${end}`;
  }

  /** The port's last name, or its number if it has none. */
  of(port: number): string {
    return this.#names.get(port) ?? String(port);
  }

  #next(): string {
    this.#count += 1;
    return `p${this.#count}`;
  }
}
