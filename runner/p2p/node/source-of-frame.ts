import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** `at name (file:line:column)`, or without a name and the brackets. */
const PLACE = /\(?((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^()]*):(\d+):\d+\)?$/;
/** How esbuild marks where the code of a module begins. */
const MARK = /^\/\/ (\S+\.[cm]?[jt]s)$/;

/**
 * The file of the source that a line of a stack names. The published runner is a bundle: there it is the module whose code stands at
 * that line, by the mark that the bundler leaves before each; the file itself where nothing is known of that. Null when the line
 * names no file.
 */
export function sourceOfFrame(frame: string): string | null {
  const [, place, line] = PLACE.exec(frame.trim()) ?? [];
  if (place === undefined) return null;
  const path = place.startsWith("file:") ? fileURLToPath(place) : place;
  if (!path.endsWith(".js")) return path;
  try {
    const before = readFileSync(path, "utf8").split("\n").slice(0, Number(line));
    return before.reverse().flatMap((text) => MARK.exec(text)?.[1] ?? [])[0] ?? path;
  } catch {
    return path;
  }
}
