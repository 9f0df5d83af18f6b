import type { Account, Accounts } from "../contract/world.ts";

/** A person of the world, with the password in clear: these are fixtures, and tests must be able to read them. */
export interface Person extends Account {
  readonly password: string;
}

export class People implements Accounts {
  readonly #people = new Map<string, Person>();

  constructor(people: readonly Person[]) {
    for (const person of people) this.#people.set(person.name.toLowerCase(), person);
  }

  find(name: string): Account | undefined {
    return this.#people.get(name.toLowerCase());
  }

  authenticate(name: string, password: string): Account | undefined {
    const person = this.#people.get(name.toLowerCase());
    return person?.password === password ? person : undefined;
  }
}
