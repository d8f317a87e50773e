import { parseArgs } from "node:util";
import { renderTable } from "../../bench/render-table.ts";
import { bold, dim } from "../../demo/paint.ts";
import { writePage } from "../page.ts";
import { ECLIPSES, runEclipse } from "./eclipse.ts";
import { PLANS, runPlan } from "./networks.ts";
import { renderKademlia } from "./render-kademlia.ts";

const SEED = 1;
/** The largest network, and the latest attack, of a quick run. */
const QUICK = { nodes: 1_000, waited_min: 0 };

/** `npm run sim -- kademlia`: prints the tables of docs/peers-at-scale.md, and a whole run writes them. */
export function runKademlia(argv: readonly string[]): number {
  let isQuick: boolean;
  try {
    isQuick = parseArgs({ args: [...argv], options: { quick: { type: "boolean", default: false } } }).values
      .quick;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  const say = (line: string): boolean => process.stderr.write(dim(`  ${line}\n`));
  const plans = PLANS.filter(({ nodes }) => !isQuick || nodes <= QUICK.nodes);
  const networks = plans.map((plan, n) => {
    say(`network ${n + 1} of ${plans.length}: ${plan.nodes} nodes`);
    return runPlan(plan, SEED);
  });
  const attacks = ECLIPSES.filter(({ waited_min }) => !isQuick || waited_min <= QUICK.waited_min);
  const eclipses = attacks.map((plan, n) => {
    say(`attack ${n + 1} of ${attacks.length}: ${plan.ids} ids`);
    return runEclipse(plan, SEED);
  });
  const tables = renderKademlia(networks, eclipses);
  for (const { title, header, rows } of tables)
    process.stdout.write(`\n${bold(title)}\n${renderTable(header, rows)}\n`);
  if (!isQuick) writePage("peers-at-scale.md", tables);
  return 0;
}
