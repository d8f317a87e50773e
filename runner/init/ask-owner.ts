import { availableParallelism } from "node:os";
import { confirm, group, intro, log, multiselect, text } from "@clack/prompts";
import { parseText, type SettingFlags } from "../config/load-settings.ts";
import type { SettingKey, Settings } from "../config/settings.ts";
import { RunnerError } from "../runner-error.ts";
import { Canceled } from "./canceled.ts";
import { checkEdge } from "./check-edge.ts";

/**
 * Asks a person at a terminal for what is not given yet. What is set already is offered as the answer; an empty answer leaves
 * a setting as it is. @param isOffline whether the edge is taken as it is typed
 */
export async function askOwner(
  given: SettingFlags,
  now: Settings,
  isOffline: boolean,
): Promise<SettingFlags> {
  intro("Settings of infernet-runner on this machine");
  log.info(
    "Enter keeps what is shown, or leaves a setting as it is. Nothing of it is secret; all of it can be changed later.",
  );
  const edge = await askEdge(given, now, isOffline);
  const ask = asking(given);
  const answers = await group(
    {
      name: () => ask("name", "A name that people see", now.name),
      owner: () =>
        ask("owner", "Who runs it (the same on all your machines: they never check each other)", now.owner),
      payout: () =>
        ask("payout", "Address that its earnings go to (can wait until you withdraw)", now.payout),
      "price.asking": () =>
        ask(
          "price.asking",
          "Least that an hour of one core must pay, in micro-units (empty: any price)",
          now["price.asking"],
        ),
      "limits.cores": () =>
        ask(
          "limits.cores",
          `Cores that it may use, of ${availableParallelism()} (empty: all)`,
          now["limits.cores"],
        ),
      "limits.memory_share": () =>
        ask("limits.memory_share", "Share of the memory that it may use", now["limits.memory_share"]),
      "limits.vram_share": () =>
        ask("limits.vram_share", "Share of each GPU's memory that it may use", now["limits.vram_share"]),
      "limits.cache_bytes": () =>
        ask(
          "limits.cache_bytes",
          "Disk that models and inputs may take",
          renderBytes(now["limits.cache_bytes"]),
        ),
      "limits.upload_bytes_per_second": () =>
        ask(
          "limits.upload_bytes_per_second",
          "Upload in a second, as in 1 MB (empty: no limit)",
          now["limits.upload_bytes_per_second"],
        ),
      pauses: () =>
        multiselect({
          message: "Pause (space selects, enter goes on)",
          options: [
            { value: "pause.when_busy" as const, label: "while other programs use the machine" },
            { value: "pause.on_battery" as const, label: "while it runs on its battery" },
          ],
          initialValues: PAUSES.filter((key) => now[key]),
          required: false,
        }),
      "pause.schedule": () =>
        ask(
          "pause.schedule",
          "Times at which it pauses, as in mon-fri 09:00-18:00 (empty: none)",
          now["pause.schedule"].map((period) => period.text).join(", "),
        ),
      isRight: () => confirm({ message: "Write these settings?" }),
    },
    { onCancel: cancel },
  );
  if (!answers.isRight) cancel();
  const { pauses, isRight: _, ...texts } = answers;
  const asked: SettingFlags = { ...given, ...edge };
  for (const [key, value] of Object.entries(texts) as [SettingKey, string | undefined][]) {
    if (value !== undefined && value !== "" && given[key] === undefined) asked[key] = value;
  }
  for (const key of PAUSES) if (pauses.includes(key) || now[key]) asked[key] = pauses.includes(key);
  return asked;
}

const PAUSES = ["pause.when_busy", "pause.on_battery"] as const;

function cancel(): never {
  throw new Canceled();
}

type Ask = (key: SettingKey, message: string, now: string | number | undefined) => Promise<string | symbol>;

/** Questions; none where the answer is given. */
const asking =
  (given: SettingFlags): Ask =>
  async (key, message, now) => {
    if (given[key] !== undefined) return "";
    const initialValue = now === undefined ? "" : String(now);
    const answer = await text({ message, initialValue, validate: (typed) => complaint(key, typed ?? "") });
    return answer === initialValue ? "" : answer;
  };

/** Until the address is one of an edge. */
async function askEdge(given: SettingFlags, now: Settings, isOffline: boolean): Promise<SettingFlags> {
  if (given.edge !== undefined) return {};
  for (let typed = now.edge ?? ""; ; ) {
    const answer = await text({
      message: "Address of the edge to work for",
      placeholder: "https://edge.example",
      initialValue: typed,
      validate: (value) =>
        value ? complaint("edge", value) : "It is needed; who runs the network tells it.",
    });
    if (typeof answer === "symbol") return cancel();
    typed = answer;
    if (isOffline) return { edge: typed };
    try {
      await checkEdge(typed);
      return { edge: typed };
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      log.error(error.message);
    }
  }
}

function complaint(key: SettingKey, answer: string): string | undefined {
  if (answer === "") return undefined;
  try {
    parseText(key, answer, "It");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace("It: ", "It ") : String(error);
  }
}

const renderBytes = (bytes: number): string =>
  bytes % 2 ** 30 === 0 ? `${bytes / 2 ** 30} GiB` : `${bytes}`;
