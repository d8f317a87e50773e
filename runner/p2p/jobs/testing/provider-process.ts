import { loadIdentity } from "../../../identity/identity.ts";
import { createPeerNode } from "../../node/create-peer-node.ts";
import { serveDirectJobs } from "../serve-direct-jobs.ts";
import { createEchoDeps } from "./echo-provider.ts";

/** A provider as a process of its own, to be killed: `node provider-process.ts HOME ROW_MS`. Tells on each line what happens. */
const [home = "", row_ms = "0"] = process.argv.slice(2);
const tell = (event: Record<string, unknown>): void =>
  void process.stdout.write(`${JSON.stringify(event)}\n`);

const identity = await loadIdentity(home);
const node = await createPeerNode({ identity, listen: ["/ip4/127.0.0.1/tcp/0"], bootstrap: [] });
const deps = await createEchoDeps(home, identity, Number(row_ms));
await serveDirectJobs(node, {
  ...deps,
  pool: {
    use: (...args) => {
      tell({ event: "working" });
      return deps.pool.use(...args);
    },
  },
  onDone: ({ offer }) => tell({ event: "done", offer: offer.id }),
});
tell({ event: "listening", address: node.addresses[0] });
