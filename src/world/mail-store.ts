import type { Accounts, Mail, Message } from "../contract/world.ts";

export interface MailLimits {
  readonly maxMailboxes: number;
  readonly maxMailboxOctets: number;
  /** In all mailboxes together. */
  readonly maxMailOctets: number;
}

/** What a message counts beside its octets, so that many empty ones are bounded too. */
const MESSAGE_OVERHEAD_OCTETS = 512;

/** Every mailbox of the world, made when the first message arrives; bounded in octets and in mailboxes. */
export class MailStore implements Mail {
  readonly #domain: string;
  readonly #accounts: Accounts;
  readonly #limits: MailLimits;
  #octets = 0;
  readonly #mailboxes = new Map<string, { messages: Message[]; octets: number; uidNext: number }>();

  constructor(domain: string, accounts: Accounts, limits: MailLimits) {
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

  hasRoom(mailboxes: Iterable<string>, octets: number): boolean {
    const { maxMailboxes, maxMailboxOctets, maxMailOctets } = this.#limits;
    const stored = octets + MESSAGE_OVERHEAD_OCTETS;
    let made = 0;
    let growth = 0;
    for (const mailbox of mailboxes) {
      const box = this.#mailboxes.get(mailbox);
      if ((box?.octets ?? 0) + stored > maxMailboxOctets) return false;
      if (!box) made += 1;
      growth += stored;
    }
    return this.#mailboxes.size + made <= maxMailboxes && this.#octets + growth <= maxMailOctets;
  }

  deliver(mailbox: string, message: Omit<Message, "uid">): Message | "full" {
    if (!this.hasRoom([mailbox], message.raw.length)) return "full";
    const box = this.#mailboxes.get(mailbox) ?? { messages: [], octets: 0, uidNext: 1 };
    this.#mailboxes.set(mailbox, box);
    const stored: Message = { uid: box.uidNext, ...message };
    const octets = message.raw.length + MESSAGE_OVERHEAD_OCTETS;
    box.uidNext += 1;
    box.octets += octets;
    this.#octets += octets;
    box.messages.push(stored);
    return stored;
  }

  messages(mailbox: string): readonly Message[] {
    return this.#mailboxes.get(mailbox)?.messages ?? [];
  }

  /** Forgets the mailboxes with such names, as if nothing had ever come for them. */
  forget(isMeant: (mailbox: string) => boolean): void {
    for (const [name, { octets }] of this.#mailboxes) {
      if (!isMeant(name)) continue;
      this.#octets -= octets;
      this.#mailboxes.delete(name);
    }
  }

  /** The names of the mailboxes that exist, in the order in which they were made. */
  get names(): readonly string[] {
    return [...this.#mailboxes.keys()];
  }
}
