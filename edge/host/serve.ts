import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { passedVariables } from "@infernet/schemas/worker-settings";
import { findFreePort } from "./free-port.ts";
import { applyIndexMigrations } from "./index-migrations.ts";
import { renderServeNotice } from "./serve-notice.ts";
import { parseServeOptions, SERVE_USAGE, type ServeOptions } from "./serve-options.ts";
import { openStateFolder } from "./state-folder.ts";
import { waitForStop } from "./stop-signal.ts";
import { startWorkerHost } from "./worker-host.ts";
import { loadWorkerSecrets } from "./worker-secrets.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const ROOT = resolve(import.meta.dirname, "../..");

async function serve(flags: ServeOptions): Promise<void> {
  if (!existsSync(join(ROOT, "dist/index.js"))) throw new Error("The Worker is not built: npm run build");
  const folder = await openStateFolder(flags.state);
  const port = flags.port === 0 ? await findFreePort(flags.host) : flags.port;
  const reachable = flags.host === "0.0.0.0" ? "127.0.0.1" : flags.host;
  const url = flags["public-url"]?.replace(/\/$/, "") ?? `http://${reachable}:${port}`;
  const variables = passedVariables(process.env);
  if (flags.peers !== undefined) variables.PEERS = flags.peers;
  const host = await startWorkerHost({
    root: ROOT,
    dist: join(ROOT, "dist"),
    folder,
    host: flags.host,
    port,
    bindings: { ...variables, ...loadWorkerSecrets(folder, process.env), PUBLIC_URL: url },
    network: variables.ALLOW_PRIVATE_WEBHOOKS === "true" ? "any" : "public",
    log: (level, message) =>
      process.stderr.write(
        flags.json ? `${JSON.stringify({ event: "log", level, message })}\n` : `${message}\n`,
      ),
  });
  const stopped = waitForStop(process.env);
  await applyIndexMigrations(host.index, join(ROOT, "db/index/migrations"));

  const operatorKeyFile = process.env.INFERNET_OPERATOR_KEY ? null : folder.operatorKeyFile;
  const facts = { url, state: folder.path, operatorKeyFile };
  console.log(flags.json ? JSON.stringify({ event: "listening", ...facts }) : renderServeNotice(facts));

  const reason = await stopped;
  await host.stop();
  console.log(flags.json ? JSON.stringify({ event: "stopped", reason }) : `Stopped (${reason}).`);
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

let flags: ServeOptions;
try {
  flags = parseServeOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${explain(error)}\nnpm run serve -- --help shows the options.`);
  process.exit(EXIT_USAGE);
}
if (flags.help) {
  console.log(SERVE_USAGE);
} else {
  try {
    await serve(flags);
    process.exit(0);
  } catch (error) {
    console.error(explain(error));
    process.exit(EXIT_FAILED);
  }
}
