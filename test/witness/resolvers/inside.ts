import { getaddrinfoResolver } from "./python.ts";
import { Reactions } from "./reactions.ts";

// Runs where port 53 is ours and /etc/resolv.conf names it: prints what getaddrinfo() does with the faults of these names.
await using reactions = await Reactions.start("well-known");
using resolver = getaddrinfoResolver();
process.stdout.write(JSON.stringify(await reactions.toAll(JSON.parse(process.argv[2] ?? "[]"), resolver)));
