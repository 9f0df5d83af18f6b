import type { Accounts, Mail, Message } from "../contract/world.ts";

/** Every mailbox of the world, made when the first message arrives; bounded in octets and in mailboxes. */
export class MailStore implements Mail {
  readonly #domain: string;
  readonly #accounts: Accounts;
  readonly #limits: { readonly maxMailboxes: number; readonly maxMailboxOctets: number };
  readonly #mailboxes = new Map<string, { messages: Message[]; octets: number; uidNext: number }>();

  constructor(
    domain: string,
    accounts: Accounts,
    limits: { readonly maxMailboxes: number; readonly maxMailboxOctets: number },
  ) {
    this.#domain = domain;
    this.#accounts = accounts;
    this.#limits = limits;
  }

  route(address: string): string | undefined {
    const lower = address.toLowerCase();
    const at = lower.lastIndexOf("@");
    const local = at < 0 ? lower : lower.slice(0, at);
    const domain = at < 0 ? this.#domain : lower.slice(at + 1);
    let mailbox = lower;
    if (domain === this.#domain) {
      const account = this.#accounts.find(local) ?? this.#accounts.find(local.replace(/\+.*$/s, ""));
      mailbox = account?.name ?? `${local}@${domain}`;
    }
    if (this.#mailboxes.has(mailbox) || this.#mailboxes.size < this.#limits.maxMailboxes) return mailbox;
    return undefined;
  }

  room(mailbox: string): number {
    const { maxMailboxes, maxMailboxOctets } = this.#limits;
    const box = this.#mailboxes.get(mailbox);
    if (box) return maxMailboxOctets - box.octets;
    return this.#mailboxes.size < maxMailboxes ? maxMailboxOctets : 0;
  }

  deliver(mailbox: string, message: Omit<Message, "uid">): Message | "full" {
    let box = this.#mailboxes.get(mailbox);
    if (!box) {
      if (this.#mailboxes.size >= this.#limits.maxMailboxes) return "full";
      box = { messages: [], octets: 0, uidNext: 1 };
      this.#mailboxes.set(mailbox, box);
    }
    if (box.octets + message.raw.length > this.#limits.maxMailboxOctets) return "full";
    const stored: Message = { uid: box.uidNext, ...message };
    box.uidNext += 1;
    box.octets += message.raw.length;
    box.messages.push(stored);
    return stored;
  }

  messages(mailbox: string): readonly Message[] {
    return this.#mailboxes.get(mailbox)?.messages ?? [];
  }

  /** The names of the mailboxes that exist, in the order in which they were made. */
  get names(): readonly string[] {
    return [...this.#mailboxes.keys()];
  }
}
