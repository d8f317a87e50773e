import { realpathSync } from "node:fs";
import { basename, extname } from "node:path";
import { entryPath } from "../../entry-path.ts";
import type { ReadOnlyMount } from "./container-args.ts";

/** A program of this machine that can run in any container, whatever the image holds. */
export interface PortableNode {
  mounts: readonly ReadOnlyMount[];
  /** Starts Node in there; its arguments follow. */
  command: readonly [string, ...string[]];
  /** `http-relay.ts`, as it is found in there. */
  relay: string;
}

/** Nothing that an image is likely to have. */
const PLACE = "/.infernet";

/**
 * This process's Node with the libraries that it has loaded, each mounted by itself, and started by its own dynamic loader:
 * so that nothing of the image is needed to run it, and the host's file system stays out. Null where Node is no Linux
 * program with a loader among its libraries.
 */
export function portableNode(): PortableNode | null {
  if (process.platform !== "linux") return null;
  const libraries = sharedObjects();
  const loader = libraries.find((path) => /^ld-.*\.so/.test(basename(path)));
  if (loader === undefined) return null;
  const relay = entryPath("engine/oci/http-relay");
  const relayTo = `${PLACE}/relay${extname(relay) === ".ts" ? ".mts" : ".mjs"}`;
  return {
    mounts: [
      ...libraries.map((path) => ({ from: realpathSync(path), to: `${PLACE}/${basename(path)}` })),
      { from: realpathSync(process.execPath), to: `${PLACE}/node` },
      { from: relay, to: relayTo },
    ],
    command: [`${PLACE}/${basename(loader)}`, "--library-path", PLACE, `${PLACE}/node`],
    relay: relayTo,
  };
}

/** Libraries of add-ons may be among them; the loader takes what Node asks for. */
function sharedObjects(): string[] {
  // Otherwise it looks up the names of all addresses that this process is connected to.
  Object.assign(process.report, { excludeNetwork: true });
  const report: unknown = process.report.getReport();
  if (typeof report !== "object" || report === null || !("sharedObjects" in report)) return [];
  if (!Array.isArray(report.sharedObjects)) return [];
  const paths = report.sharedObjects.map(String).filter((path) => /^\/.*\.so(\.|$)/.test(path));
  return [...new Map(paths.map((path) => [basename(path), path])).values()];
}
