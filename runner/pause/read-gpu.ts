import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runTool } from "../hardware/run-tool.ts";

const CARDS = "/sys/class/drm";
const ANSWER_MS_MAX = 3_000;

/** The use of the busiest GPU, 0 to 1; null where none tells. */
export async function readGpuShare(): Promise<number | null> {
  const shares = [...(await readNvidia()), ...(await readCards(CARDS))];
  return shares.length === 0 ? null : Math.max(...shares);
}

async function readNvidia(): Promise<number[]> {
  const query = ["--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"];
  const output = await runTool("nvidia-smi", query, ANSWER_MS_MAX);
  return "stdout" in output ? parsePercents(output.stdout) : [];
}

/** The amdgpu driver says how busy a card is in a file of its own. */
export async function readCards(dir: string): Promise<number[]> {
  const names = await readdir(dir).catch(() => []);
  const texts = await Promise.all(
    names
      .filter((name) => /^card\d+$/.test(name))
      .map((name) => readFile(join(dir, name, "device", "gpu_busy_percent"), "utf8").catch(() => "")),
  );
  return parsePercents(texts.join("\n"));
}

const parsePercents = (text: string): number[] =>
  text
    .split("\n")
    .filter((line) => /^\s*\d+\s*$/.test(line))
    .map((line) => Number(line) / 100);
