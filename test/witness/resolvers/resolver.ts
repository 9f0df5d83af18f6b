/** What a resolver is asked. */
export interface Question {
  readonly name: string;
  /** `both`: addresses of either family, from a resolver that asks for both at once. */
  readonly type: "A" | "AAAA" | "CAA" | "MX" | "SRV" | "TXT" | "both";
}

/** What came of a question, in the resolver's own words, and how long it took. */
export interface Answer {
  readonly outcome: string;
  readonly ms: number;
}

/** A real resolver that asks one server and tries twice. */
export interface Resolver extends Disposable {
  readonly types: readonly Question["type"][];
  /** It has waited for an answer in vain if it takes longer. */
  readonly lateMs: number;
  ask(question: Question): Promise<Answer>;
}
