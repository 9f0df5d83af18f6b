import type { HttpContext } from "./options.ts";
import { Renderer } from "./renderer.ts";
import { Site } from "./site.ts";

/** What all connections of a binding share. */
export interface Shared {
  readonly site: Site;
  readonly renderer: Renderer;
}

/** Makes it. */
export function share(context: HttpContext): Shared {
  return { site: new Site(context), renderer: new Renderer(context.options.server) };
}
