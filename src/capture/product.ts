import manifest from "../../package.json" with { type: "json" };

/** Who wrote a file: name and version. */
export const PRODUCT = { name: manifest.name, version: manifest.version } as const;
