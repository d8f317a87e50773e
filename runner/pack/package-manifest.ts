import { NODE_MAJOR_MIN } from "./node-version.ts";

/** The members of the workspace's own manifest that the published one takes over. */
export interface WorkspaceManifest {
  name: string;
  version: string;
  description: string;
  license: string;
  dependencies: Record<string, string>;
}

/** Native code that some commands are better with and none needs: its absence on a machine is no failure. */
const OPTIONAL = ["koffi"];

/**
 * The manifest of the published package: no install scripts, and no dependency that an installation could fail on.
 *
 * @param imports packages that the bundle imports by their name
 */
export function packageManifest(own: WorkspaceManifest, imports: ReadonlySet<string>) {
  const { name, version, description, license, dependencies } = own;
  const optional = OPTIONAL.filter((one) => imports.has(one)).map((one) => [one, dependencies[one]]);
  return {
    name,
    version,
    description,
    keywords: ["inference", "gpu", "onnx", "provider", "infernet"],
    license,
    type: "module",
    engines: { node: `>=${NODE_MAJOR_MIN}` },
    bin: { [name]: "dist/bin.js" },
    exports: {
      ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./package.json": "./package.json",
    },
    files: ["dist", "NOTICE"],
    ...(optional.length > 0 ? { optionalDependencies: Object.fromEntries(optional) } : {}),
  };
}
