import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import { writeWholeFile } from "../../whole-file.ts";
import { type Authority, createAuthority, createKey } from "./authority.ts";
import { defaultNames, isCovered, normalizeServername } from "./names.ts";

/** What an identity is made for. */
export interface IdentityOptions {
  /** The real time in milliseconds since the epoch, for clients compare it with theirs. */
  readonly now: number;
  /** The world's domain. */
  readonly domain: string;
  /** What the domain's servers go by: `mail` for `mail.example.test`. */
  readonly hosts?: readonly string[];
  /** More names for the default leaf: DNS names, `*.` and a DNS name, IP addresses. */
  readonly names?: readonly string[];
}

/** A server's certificate and key. `chainPem` is the certificate and, after it, its authority's, for servers beside the harness. */
interface Leaf {
  readonly certPem: string;
  readonly keyPem: string;
  readonly chainPem: string;
}

/** The authority that clients are told to trust. */
export interface AuthorityCertificate {
  readonly pem: string;
  /** SHA-256 of the DER, in the form that `openssl x509 -fingerprint` prints. */
  readonly fingerprint: string;
  /** Writes the PEM to a path, or once to a temporary file of the identity's own; returns its absolute path. */
  file(path?: string): string;
}

/**
 * Who a harness is to TLS clients: an authority of its own and a leaf for each name asked for, made when first needed.
 * Disposing of it removes its temporary file.
 */
export interface Identity extends Disposable {
  readonly ca: AuthorityCertificate;
  /** The leaf for a name; the default leaf if there is no name, or none that a certificate can be made for. */
  leaf(servername?: string): Leaf;
  /** The same, ready for a TLS server (TLS 1.2 and later). */
  secureContext(servername?: string): SecureContext;
  /** For `SNICallback` of `node:tls`. */
  readonly sniCallback: (servername: string, answer: (error: null, context: SecureContext) => void) => void;
}

/** Of the names that clients ask for; a leaf with its context takes about 40 KiB. */
const LEAVES_KEPT = 128;

/** Makes the identity of one harness. Throws `CONFIG_INVALID` for names that no certificate can state. */
export function createIdentity(options: IdentityOptions): Identity {
  return new LazyIdentity(options);
}

interface Entry {
  readonly leaf: Leaf;
  context?: SecureContext;
}

/** One key serves all leaves of a process: another for each would take time and prove nothing. */
let serverKey: { readonly publicKey: Uint8Array; readonly pem: string } | undefined;

function getServerKey(): { readonly publicKey: Uint8Array; readonly pem: string } {
  if (!serverKey) {
    const { key, publicKey } = createKey();
    serverKey = { publicKey, pem: key.export({ type: "pkcs8", format: "pem" }) as string };
  }
  return serverKey;
}

class LazyIdentity implements Identity {
  readonly #now: number;
  readonly #names: readonly string[];
  readonly #covered: ReadonlySet<string>;
  readonly #entries = new Map<string, Entry>();
  #default: Entry | undefined;
  #authority: Authority | undefined;
  #temporaryFile: string | undefined;

  readonly ca: AuthorityCertificate;
  readonly sniCallback: Identity["sniCallback"];

  constructor({ now, domain, hosts = [], names = [] }: IdentityOptions) {
    this.#now = now;
    this.#names = defaultNames(domain, hosts, names);
    this.#covered = new Set(this.#names);
    const authority = () => this.#getAuthority();
    this.ca = {
      get pem() {
        return authority().pem;
      },
      get fingerprint() {
        return authority().fingerprint;
      },
      file: (path) => this.#file(path),
    };
    this.sniCallback = (servername, answer) => answer(null, this.secureContext(servername));
  }

  leaf(servername?: string): Leaf {
    return this.#entry(servername).leaf;
  }

  secureContext(servername?: string): SecureContext {
    const entry = this.#entry(servername);
    entry.context ??= createSecureContext({
      cert: entry.leaf.certPem, // RFC 8446 section 4.4.2: the trust anchor may be left out
      key: entry.leaf.keyPem,
      ca: [], // no authorities for clients' certificates, rather than all that Node knows
      minVersion: "TLSv1.2",
      sessionIdContext: "portwright", // without one, a session cannot be resumed once clients' certificates are asked for
    });
    return entry.context;
  }

  [Symbol.dispose](): void {
    if (this.#temporaryFile !== undefined) rmSync(this.#temporaryFile, { force: true });
    this.#temporaryFile = undefined;
  }

  #entry(servername = ""): Entry {
    const name = normalizeServername(servername);
    if (name === undefined || isCovered(name, this.#covered)) {
      this.#default ??= { leaf: this.#issue(this.#names) };
      return this.#default;
    }
    const entry = this.#entries.get(name) ?? { leaf: this.#issue([name]) };
    // A Map keeps the order of insertion: the least recently used comes first.
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > LEAVES_KEPT && oldest !== undefined) this.#entries.delete(oldest);
    return entry;
  }

  #issue(names: readonly string[]): Leaf {
    const authority = this.#getAuthority();
    const { publicKey, pem } = getServerKey();
    const certPem = authority.certify(names, publicKey);
    return { certPem, keyPem: pem, chainPem: certPem + authority.pem };
  }

  #getAuthority(): Authority {
    this.#authority ??= createAuthority(this.#now);
    return this.#authority;
  }

  #file(path: string | undefined): string {
    if (path === undefined && this.#temporaryFile !== undefined) return this.#temporaryFile;
    const target = resolve(path ?? join(tmpdir(), `portwright-ca-${randomBytes(8).toString("hex")}.pem`));
    writeWholeFile(target, this.ca.pem);
    if (path === undefined) this.#temporaryFile = target;
    return target;
  }
}
