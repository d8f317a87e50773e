import { hostname } from "node:os";
import { join } from "node:path";
import { LIMITS } from "@infernet/schemas/limits";
import type { Command } from "commander";
import { addExamples, homeOption } from "../cli/common-options.ts";
import { parseEdge } from "../cli/parse-options.ts";
import { createErrorLog, reporting } from "../cli/reporting.ts";
import { onStopSignals } from "../cli/stop-signals.ts";
import { loadIdentity } from "../identity/identity.ts";
import { RunnerError } from "../runner-error.ts";
import { renderAggregateNotice } from "./aggregate-notice.ts";
import { explainOldSqlite } from "./node-version.ts";
import { parseName } from "./parse-name.ts";
import { parsePort } from "./parse-port.ts";
import type { JoinedAggregator } from "./recruit/join-aggregator.ts";
import { readTerms } from "./recruit/read-terms.ts";
import type { Aggregator } from "./start-aggregator.ts";

interface AggregateFlags {
  port: number;
  host: string;
  home: string;
  state?: string;
  publicUrl?: string;
  listen?: string[];
  bootstrap?: string[];
  providers?: string[];
  name: string;
  json?: boolean;
}

type Say = (facts: Record<string, unknown>, text: string) => void;

/** `infernet-runner aggregate`: takes jobs and has them worked, without an edge. */
export function addAggregateCommand(program: Command): void {
  const command = program
    .command("aggregate")
    .description("take jobs on this machine and have runners work them, by the rules of the edge")
    .option("--port <n>", "port to listen on; 0 takes a free one", parsePort, 8788)
    .option("--host <address>", "address to listen on; 0.0.0.0 for every network", "127.0.0.1")
    .addOption(homeOption("folder of this runner"))
    .option("--state <dir>", "folder for everything that is kept (default: aggregate in the home)")
    .option(
      "--public-url <url>",
      "address that clients reach it by, when it is not http://HOST:PORT",
      parseEdge,
    )
    .option(
      "--listen <address...>",
      "where peers reach it, as in /ip4/0.0.0.0/tcp/4803; runners are found and invited",
    )
    .option("--bootstrap <address...>", "peers to begin with; runners are found through them and invited")
    .option(
      "--providers <peer...>",
      "runners to invite besides: run_..., 12D3KooW... or an address that ends in one",
    )
    .option(
      "--name <name>",
      "what the owners of runners are told that it is called",
      parseName,
      hostname().slice(0, LIMITS.aggregator_name_chars_max),
    )
    .option("--json", "log one JSON object a line")
    .action((flags: AggregateFlags) => reporting(createErrorLog(), () => aggregate(flags)));
  addExamples(
    command,
    "infernet-runner aggregate",
    "infernet-runner aggregate --host 0.0.0.0 --public-url https://jobs.example",
    "infernet-runner aggregate --listen /ip4/0.0.0.0/tcp/4803 --bootstrap /ip4/203.0.113.7/tcp/4801/p2p/12D3KooW...",
  );
}

async function aggregate(flags: AggregateFlags): Promise<void> {
  const complaint = explainOldSqlite(process.versions.node);
  if (complaint !== null) throw new RunnerError("node_old", complaint);
  const { startAggregator } = await import("./start-aggregator.ts");
  const say: Say = (facts, text) =>
    void process.stdout.write(flags.json ? `${JSON.stringify(facts)}\n` : text);
  const log = (level: string, message: string): void =>
    void process.stderr.write(
      flags.json ? `${JSON.stringify({ event: "log", level, message })}\n` : `${message}\n`,
    );
  // As on the Workers platform: work that nobody waits for may fail, and does not take the process with it.
  process.on("unhandledRejection", (error) =>
    log("error", error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  const aggregator = await startAggregator({
    state: flags.state ?? join(flags.home, "aggregate"),
    host: flags.host,
    port: flags.port,
    public_url: flags.publicUrl,
    environment: process.env,
    log,
  });
  const { url, folder } = aggregator;
  const facts = {
    url,
    state: folder.path,
    accountKeyFile: folder.accountKeyFile,
    operatorKeyFile: process.env.INFERNET_OPERATOR_KEY ? null : folder.operatorKeyFile,
  };
  const { promise: asked, resolve: stop } = Promise.withResolvers<void>();
  const release = onStopSignals(() => stop());
  say({ event: "listening", ...facts, network: aggregator.network.id }, renderAggregateNotice(facts));
  const peers = await joinPeers(flags, aggregator, say, log).catch(async (error: unknown) => {
    await aggregator.stop();
    throw error;
  });
  await asked;
  await peers?.stop();
  await aggregator.stop();
  release();
  say({ event: "stopped" }, "Stopped.\n");
}

/** Null where nothing says that there are peers: then libp2p is not loaded. */
async function joinPeers(
  { listen = [], bootstrap = [], providers = [], name }: AggregateFlags,
  { folder, fetch, network }: Aggregator,
  say: Say,
  log: (level: string, message: string) => void,
): Promise<JoinedAggregator | null> {
  if (listen.length + bootstrap.length + providers.length === 0) return null;
  const { joinAggregator } = await import("./recruit/join-aggregator.ts");
  const joined = await joinAggregator({
    ...{ listen, bootstrap, providers, network, name, handle: fetch },
    identity: await loadIdentity(folder.path),
    terms: readTerms(process.env.PRICE_MICRO_PER_CORE_HOUR),
    onInvited: (invited) => say({ event: "runner.invited", ...invited }, renderInvited(invited)),
    onFault: (detail) => log("warn", `a connection with a peer broke in an odd way: ${detail}`),
  });
  const { id, addresses } = joined;
  const where = addresses.length === 0 ? "It goes to peers, and listens to none." : addresses.join("\n  ");
  say({ event: "peers.joined", id, addresses }, `Peer ${id}\n  ${where}\n`);
  return joined;
}

const renderInvited = ({
  runner,
  accepted,
  detail,
}: {
  runner: string;
  accepted: boolean;
  detail: string;
}): string =>
  accepted ? `${runner} works for this aggregator\n` : `${runner} was invited and does not come: ${detail}\n`;
