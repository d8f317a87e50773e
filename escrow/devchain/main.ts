import { once } from "node:events";
import { DEVCHAIN_USAGE, type MainOptions, parseMainOptions } from "./main-options.ts";
import type { TracedCall } from "./rpc/trace.ts";
import { startDevchain } from "./start-devchain.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

async function run({ json, trace, ...options }: MainOptions): Promise<void> {
  const report = (event: string, facts: object, text: string) =>
    console.log(json ? JSON.stringify({ event, ...facts }) : text);
  const stopped = Promise.race(
    ["SIGTERM", "SIGINT"].map(async (signal) => {
      await once(process, signal);
      return signal;
    }),
  );
  const chain = await startDevchain({
    ...options,
    ...(trace && { trace: (call: TracedCall) => report("call", call, renderCall(call)) }),
  });
  const { url, wsUrl, faucet } = chain;
  report("listening", { url, wsUrl, faucet }, `A development chain at ${url}. Stop it with Ctrl-C.`);
  const reason = await stopped;
  await chain.close();
  report("stopped", { reason }, `Stopped (${reason}).`);
}

const renderCall = ({ method, transport, error }: TracedCall): string =>
  `${transport} ${method}${error === null ? "" : ` refused: ${error}`}`;

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

let options: MainOptions;
try {
  options = parseMainOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${explain(error)}\nnode escrow/devchain/main.ts --help shows the options.`);
  process.exit(EXIT_USAGE);
}
if (options.help) {
  console.log(DEVCHAIN_USAGE);
} else {
  try {
    await run(options);
    process.exit(0);
  } catch (error) {
    console.error(explain(error));
    process.exit(EXIT_FAILED);
  }
}
