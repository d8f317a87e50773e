import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { basename, dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";
import type { ObjectClass } from "./objects/object-instance.ts";
import type { Platform } from "./platform.ts";
import type { WorkerConfig } from "./worker-config.ts";

export interface Worker {
  fetch: (request: Request, env: object, context: object) => Response | Promise<Response>;
  objectClass: (name: string) => ObjectClass;
}

/** The only name that a Worker leaves among this process's globals: its modules find its platform there, by its number. */
const PLATFORMS = Symbol.for("infernet.aggregate.platforms");
const platforms: Platform[] = [];
Reflect.set(globalThis, PLATFORMS, platforms);

const GLOBALS_MODULE = "infernet-platform:globals";
const WORKERS_MODULE = "cloudflare:workers";

const isFunction = z.custom<(...args: never[]) => unknown>((value) => typeof value === "function");
const Module = z.looseObject({ default: z.object({ fetch: isFunction }) });

/**
 * Loads the built Worker into this process. Its module gets the platform's `fetch`, `Response` and the like by an import of
 * these names before its first line, where they hide the globals of Node: nobody else in the process sees them.
 *
 * @param file the Worker as wrangler built it; what `rules` of its configuration name lies beside it
 */
export async function loadWorker(file: string, { rules }: WorkerConfig, platform: Platform): Promise<Worker> {
  const n = platforms.push(platform) - 1;
  // Another Worker in this process is another module.
  const main = `${pathToFileURL(file).href}?platform=${n}`;
  const folder = dirname(file);
  const ruleOf = (path: string) =>
    dirname(path) === folder
      ? rules.find(({ globs }) => globs.some((glob) => isNamed(path, glob)))
      : undefined;
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (context.parentURL !== main) return next(specifier, context);
      if (specifier === WORKERS_MODULE || specifier === GLOBALS_MODULE)
        return {
          url: `${specifier.replace("cloudflare:", "infernet-platform:")}?platform=${n}`,
          shortCircuit: true,
        };
      return next(specifier, context);
    },
    load(url, context, next) {
      const module = (source: string) => ({ format: "module" as const, source, shortCircuit: true });
      if (url === `${GLOBALS_MODULE}?platform=${n}`)
        return module(renderExports(n, "globals", platform.globals));
      if (url === `infernet-platform:workers?platform=${n}`)
        return module(renderExports(n, "workers", platform.workers));
      if (!url.startsWith("file:")) return next(url, context);
      const path = fileURLToPath(url);
      if (url === main) {
        const names = Object.keys(platform.globals).join(", ");
        // On the first line, so that the lines of its source map stay right.
        return module(`import { ${names} } from "${GLOBALS_MODULE}"; ${readFileSync(path, "utf8")}`);
      }
      const rule = ruleOf(path);
      if (rule === undefined) return next(url, context);
      return module(rule.type === "Text" ? renderText(path) : renderData(path));
    },
  });
  try {
    const loaded = Module.parse(await import(main));
    return {
      fetch: loaded.default.fetch as Worker["fetch"],
      objectClass: (name) => isFunction.parse(loaded[name]) as unknown as ObjectClass,
    };
  } finally {
    hooks.deregister();
  }
}

/** Globs of the rules are `**` and a name, or its end. wrangler puts the sha1 of a module before its name. */
const isNamed = (path: string, glob: string): boolean =>
  basename(path)
    .replace(/^[0-9a-f]{40}-/, "/")
    .endsWith(glob.replace(/^\*\*(?=\/)/, "").replace("/*", ""));

function renderExports(n: number, part: "globals" | "workers", members: Record<string, unknown>): string {
  const names = Object.keys(members).join(", ");
  const known = `globalThis[Symbol.for(${JSON.stringify(Symbol.keyFor(PLATFORMS))})]`;
  return `export const { ${names} } = ${known}[${n}].${part};`;
}

const renderText = (path: string): string => `export default ${JSON.stringify(readFileSync(path, "utf8"))};`;

const renderData = (path: string): string =>
  `import { readFileSync } from "node:fs"; export default new Uint8Array(readFileSync(${JSON.stringify(path)})).buffer;`;
