import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { waitForStop } from "./stop-signal.ts";
import { loadWorkerSecrets } from "./worker-secrets.ts";
import { exitCodeOf, spawnWrangler } from "./wrangler-cli.ts";

/** `npm run dev`: the Worker on this machine, built again at every change of a file. State lies in .state/dev. */

const ROOT = resolve(import.meta.dirname, "../..");
const state = join(ROOT, ".state/dev");
const { values } = parseArgs({ options: { port: { type: "string", default: "8787" } } });
const url = `http://127.0.0.1:${values.port}`;

mkdirSync(state, { recursive: true, mode: 0o700 });
const operatorKeyFile = join(state, "operator.key");
const secrets = loadWorkerSecrets(
  {
    operatorKeyFile,
    webhookKeyFile: join(state, "webhook.key"),
    networkKeyFile: join(state, "network.key"),
    aggregatorKeyFile: join(state, "aggregator.key"),
  },
  process.env,
);
const variables = { ...secrets, PUBLIC_URL: url, ALLOW_PRIVATE_WEBHOOKS: "true" };
const environmentFile = join(state, "variables.env");
writeFileSync(
  environmentFile,
  Object.entries(variables)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join(""),
  { mode: 0o600 },
);

const migrated = await exitCodeOf(
  spawnWrangler(ROOT, ["d1", "migrations", "apply", "INDEX", "--local", "--persist-to", state], {
    WRANGLER_LOG: "warn",
  }),
);
if (migrated !== 0) process.exit(migrated);

console.log(`Infernet edge in development on ${url}

  API reference   ${url}/docs
  Operator key    ${operatorKeyFile}
  State           ${relative(process.cwd(), state)}; remove the folder to start afresh
  Webhooks        private addresses are allowed

Make an account; its API key is shown once:
  curl -s ${url}/accounts -H "Authorization: Bearer $(cat '${operatorKeyFile}')" \\
    -H "Content-Type: application/json" -d '{"name":"me"}'
`);
const server = spawnWrangler(ROOT, [
  "dev",
  ...["--ip", "127.0.0.1", "--port", values.port],
  ...["--persist-to", state, "--env-file", environmentFile],
  "--show-interactive-dev-session=false",
]);
void waitForStop(process.env).then(() => server.kill("SIGTERM"));
process.exit(await exitCodeOf(server));
