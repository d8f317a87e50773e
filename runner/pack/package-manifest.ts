import { NODE_MAJOR_MIN } from "./node-version.ts";

/** The members of the workspace's own manifest that the published one takes over. */
export interface WorkspaceManifest {
  name: string;
  version: string;
  description: string;
  license: string;
}

/** The manifest of the published package: no dependencies and no scripts, so that nothing in its installation can fail. */
export function packageManifest({ name, version, description, license }: WorkspaceManifest) {
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
  };
}
