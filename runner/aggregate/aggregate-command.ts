import { join } from "node:path";
import type { Command } from "commander";
import { addExamples, homeOption } from "../cli/common-options.ts";
import { parseEdge } from "../cli/parse-options.ts";
import { createErrorLog, reporting } from "../cli/reporting.ts";
import { onStopSignals } from "../cli/stop-signals.ts";
import { RunnerError } from "../runner-error.ts";
import { renderAggregateNotice } from "./aggregate-notice.ts";
import { explainOldSqlite } from "./node-version.ts";
import { parsePort } from "./parse-port.ts";

interface AggregateFlags {
  port: number;
  host: string;
  home: string;
  state?: string;
  publicUrl?: string;
  json?: boolean;
}

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
    .option("--json", "log one JSON object a line")
    .action((flags: AggregateFlags) => reporting(createErrorLog(), () => aggregate(flags)));
  addExamples(
    command,
    "infernet-runner aggregate",
    "infernet-runner aggregate --host 0.0.0.0 --public-url https://jobs.example",
  );
}

async function aggregate(flags: AggregateFlags): Promise<void> {
  const complaint = explainOldSqlite(process.versions.node);
  if (complaint !== null) throw new RunnerError("node_old", complaint);
  const { startAggregator } = await import("./start-aggregator.ts");
  const say = (facts: Record<string, unknown>, text: string): void =>
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
  await asked;
  await aggregator.stop();
  release();
  say({ event: "stopped" }, "Stopped.\n");
}
