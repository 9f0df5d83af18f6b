import * as v from "valibot";

const HIGHEST_PORT = 65_535;

/** A port that a user may ask for; 0 leaves the choice to the system. */
export const port = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(0),
  v.maxValue(HIGHEST_PORT),
  v.description("The port to listen on; 0 leaves it to the system. Without it, the port scheme decides."),
);

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const texts = v.array(v.string());
const textOrTexts = v.union([v.string(), texts]);

/** What may be said of the world; everything not said is as in the fixtures. */
const world = v.strictObject({
  domain: v.optional(
    v.pipe(v.string(), v.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, "a domain in lower case, such as example.test")),
  ),
  accounts: v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          name: v.pipe(v.string(), v.regex(/^[^\s@]+$/, "a name without spaces or @")),
          password: v.string(),
          fullName: v.optional(v.string()),
        }),
      ),
      v.description("Who may log in, in place of alice and bob."),
    ),
  ),
  files: v.optional(
    v.pipe(v.record(v.string(), v.string()), v.description("Files by their path, added to those of the fixtures.")),
  ),
  zones: v.optional(
    v.pipe(
      v.record(v.string(), v.union([v.string(), v.record(v.string(), textOrTexts)])),
      v.description(
        'DNS zones by their origin: a master file as text, or names with addresses or records, such as { "www": "192.0.2.10", "@": "MX 10 mail" }.',
      ),
    ),
  ),
  quotes: v.optional(v.pipe(texts, v.description("What qotd says, one a day."))),
});

const limits = v.strictObject({
  maxSessions: v.optional(v.pipe(positive, v.description("Sessions of one service and address at a time."))),
  maxSessionsPerPeer: v.optional(v.pipe(positive, v.description("Sessions of one peer address at a time."))),
  maxEntries: v.optional(v.pipe(positive, v.description("Entries that the journal keeps."))),
  maxOctets: v.optional(v.pipe(positive, v.description("Octets that the journal keeps."))),
  maxMailboxes: v.optional(v.pipe(positive, v.description("Mailboxes that peers may make."))),
  maxMailboxOctets: v.optional(v.pipe(positive, v.description("Octets in one mailbox."))),
  maxMailOctets: v.optional(v.pipe(positive, v.description("Octets in all mailboxes together."))),
  maxFileOctets: v.optional(v.pipe(positive, v.description("Octets in all files together."))),
  maxFiles: v.optional(v.pipe(positive, v.description("Files and directories in all."))),
});

/** The document without its services, whose options are their own. */
export const settingsEntries = {
  ports: v.optional(
    v.pipe(
      v.string(),
      v.description(
        "auto, well-known, ephemeral or offset:N. The library's default is ephemeral, the command line's auto.",
      ),
    ),
  ),
  host: v.optional(v.pipe(textOrTexts, v.description("Addresses to listen on; both loopbacks unless said otherwise."))),
  expose: v.optional(v.pipe(v.boolean(), v.description("Allow addresses beyond loopback."))),
  allow: v.optional(v.pipe(texts, v.description("CIDR blocks of those who are answered."))),
  strict: v.optional(v.pipe(v.boolean(), v.description("A failed endpoint fails the start."))),
  triggers: v.optional(
    v.pipe(v.boolean(), v.description("Requests may provoke faults by themselves, such as mail to 452@fault.test.")),
  ),
  clock: v.optional(
    v.pipe(
      v.picklist(["system", "manual"], "system or manual"),
      v.description("manual: time stands still until a test advances it. Default: system."),
    ),
  ),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.description("Seeds everything random."))),
  channelPorts: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,5}-\d{1,5}$/, "a range such as 50000-50100"),
      v.description("The range of ports for data connections (FTP); otherwise the system chooses."),
    ),
  ),
  graceMs: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(0), v.description("How long sessions may take to say goodbye.")),
  ),
  user: v.optional(v.pipe(v.string(), v.description("Started as root: the user to become once every port is bound."))),
  world: v.optional(world),
  limits: v.optional(limits),
};

/** What may be said of one instance besides its service's options. */
export const instanceEntries = {
  service: v.optional(v.pipe(v.string(), v.description("Which service this is, where the name is one of your own."))),
  port: v.optional(port),
  rules: v.optional(
    v.pipe(v.array(v.unknown()), v.description("What is to happen to which requests; the first that matches counts.")),
  ),
};

/** The document as far as it is the same for every service. */
export const documentSchema = v.strictObject({
  $schema: v.optional(v.string()),
  services: v.optional(
    v.union([texts, v.record(v.string(), v.union([v.literal(true), v.looseObject(instanceEntries)]))]),
  ),
  ...settingsEntries,
});

export type Document = v.InferOutput<typeof documentSchema>;
export type WorldDocument = v.InferOutput<typeof world>;
export type InstanceDocument = v.InferOutput<v.StrictObjectSchema<typeof instanceEntries, undefined>>;
