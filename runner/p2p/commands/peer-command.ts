import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { addExamples } from "../../cli/common-options.ts";
import { createHumanLog } from "../../cli/human-log.ts";
import { createJsonLog } from "../../cli/json-log.ts";
import { reporting } from "../../cli/reporting.ts";
import { onStopSignals } from "../../cli/stop-signals.ts";
import { fromText } from "../../config/setting.ts";
import { SETTINGS } from "../../config/settings.ts";
import type { Log } from "../../work/runner-event.ts";
import { renderPeerNotice } from "./render-peer-notice.ts";

interface PeerFlags {
  home: string;
  listen: string[];
  announce: string[];
  bootstrap: string[];
  local?: boolean;
  json?: boolean;
}

/** Apart from a runner's: no two nodes may have one key. */
const DEFAULT_HOME = join(homedir(), ".infernet-peer");
const DEFAULT_LISTEN = ["/ip4/127.0.0.1/tcp/4801", "/ip4/127.0.0.1/tcp/4802/ws"];

/** `infernet-runner peer`: a peer that others begin with, and a relay for those without a port of their own. */
export function addPeerCommand(program: Command): void {
  const addresses = (flag: string, about: string, key: ListKey, standard: string[]): Option =>
    new Option(`${flag} <addresses>`, about)
      .argParser(listOf(key))
      .default(standard, standard.join(",") || "none");
  const command = program
    .command("peer")
    .description("run a peer that others begin with, and that passes on for those whom nobody can reach")
    .addOption(
      addresses("--listen", "addresses to listen on, with commas between", "peers.listen", DEFAULT_LISTEN),
    )
    .addOption(addresses("--announce", "where others reach it besides", "peers.announce", []))
    .addOption(addresses("--bootstrap", "other peers to begin with", "peers.bootstrap", []))
    .option("--local", "look for peers in the local network too, by mDNS")
    .addOption(new Option("--home <dir>", "folder of its identity, not a runner's").default(DEFAULT_HOME))
    .option("--json", "log one JSON object a line")
    .action(start);
  addExamples(
    command,
    "infernet-runner peer --listen /ip4/0.0.0.0/tcp/4801,/ip4/0.0.0.0/tcp/4802/ws",
    "infernet-runner peer --listen /ip4/0.0.0.0/tcp/4801 --announce /dns/peer.example/tcp/4801",
  );
}

type ListKey = "peers.listen" | "peers.announce" | "peers.bootstrap";

const listOf =
  (key: ListKey) =>
  (text: string): string[] => {
    const parsed = SETTINGS[key].schema.safeParse(fromText("list", text));
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(`One of them ${parsed.error.issues[0]?.message}.`);
  };

async function start(flags: PeerFlags): Promise<void> {
  const write = (line: string): void => void process.stdout.write(line);
  const now = (): Date => new Date();
  const log: Log = flags.json ? createJsonLog(write, now) : createHumanLog(write, now);
  await reporting(log, async () => {
    const { runPeer } = await import("./run-peer.ts");
    const { home, listen, announce, bootstrap, local = false } = flags;
    const peer = await runPeer({ home: resolve(home), listen, announce, bootstrap, isLocal: local, log });
    const { id, listening } = peer.node;
    const facts = { id, home: resolve(home), addresses: listening };
    const { promise: asked, resolve: stop } = Promise.withResolvers<void>();
    const release = onStopSignals(() => stop());
    write(flags.json ? `${JSON.stringify({ event: "listening", ...facts })}\n` : renderPeerNotice(facts));
    await asked;
    await peer.stop();
    release();
    write(flags.json ? `${JSON.stringify({ event: "stopped" })}\n` : "Stopped.\n");
  });
}
