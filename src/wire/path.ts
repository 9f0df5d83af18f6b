/**
 * An absolute, normalised path: `.` and `..` resolved, doubled slashes merged, nothing above `/`.
 * `undefined` if it holds a NUL or is longer than 4,096 characters.
 */
export function resolvePath(from: string, path: string): string | undefined {
  if (path.includes("\0") || path.length > 4096) return undefined;
  const names: string[] = [];
  for (const name of (path.startsWith("/") ? path : `${from}/${path}`).split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") names.pop();
    else names.push(name);
  }
  return `/${names.join("/")}`;
}

/** The directory a normalised path lies in. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** The last name of a normalised path; "" for `/`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
