import { openaiWantedOf } from "../../cli/open-engines-of.ts";
import { renderCount } from "../../cli/render-count.ts";
import { loadSettings } from "../../config/load-settings.ts";
import { SETTINGS } from "../../config/settings.ts";
import { EngineMissing } from "../../engine/engine-missing.ts";
import { type OpenaiWanted, openServers } from "../../engine/openai/open-openai.ts";
import { type Check, type Finding, pass, warn } from "../check.ts";

/** Which servers of the OpenAI API answer, and what they have to offer. */
export const checkLlmServers: Check = {
  name: "LLM servers",
  examine: async ({ home, config }) => {
    const settings = await loadSettings({ home, config, env: process.env }).catch(() => null);
    try {
      const servers = await openServers(settings === null ? DEFAULTS : openaiWantedOf(settings.values));
      return judgeServers(
        servers.map(({ access, reading, problem }) => ({ ...access, reading, problem })),
        settings?.values["limits.sandbox"] ?? "none",
      );
    } catch (error) {
      if (error instanceof EngineMissing) return warn(error.message, error.fix);
      throw error;
    }
  },
};

const DEFAULTS: OpenaiWanted = {
  servers: SETTINGS["openai.servers"].standard,
  discover: SETTINGS["openai.discover"].standard,
  models: SETTINGS["openai.models"].standard,
  at_once: undefined,
  api_key_file: undefined,
};

export interface ServerFound {
  base: string;
  isNamed: boolean;
  reading: { version: string; models: readonly string[]; left_out: number } | null;
  problem: string | null;
}

export function judgeServers(servers: readonly ServerFound[], sandbox: string): Finding {
  const answering = servers.flatMap(({ reading, base }) => (reading ? [{ ...reading, base }] : []));
  const silent = servers.filter(({ isNamed, reading }) => isNamed && reading === null);
  if (answering.length + silent.length === 0)
    return pass("none answers; models of Ollama, vLLM, llama.cpp and LM Studio are left to others");
  const detail = [
    ...answering.map(
      ({ version, base, models }) => `${version} at ${base} with ${renderCount(models.length, "model")}`,
    ),
    ...silent.map(({ base, problem }) => `not ${base}: ${problem}`),
  ].join(", ");
  const fixes = [
    ...(silent.length > 0 ? ["Start the server, or mend `servers` in `[openai]`."] : []),
    ...(answering.some(({ models }) => models.length === 0)
      ? ["Load a model in the server, as with `ollama pull llama3.2:3b`, or mend `models` in `[openai]`."]
      : []),
    ...(answering.some(({ left_out }) => left_out > 0)
      ? [
          "One server's offer has no room for all of its models: name those that matter in `models` in `[openai]`.",
        ]
      : []),
    ...(answering.length > 0 && sandbox !== "none"
      ? [`A server is held to nothing, and \`limits.sandbox\` wants '${sandbox}': it is not offered.`]
      : []),
  ];
  return fixes.length === 0 ? pass(detail) : warn(detail, fixes.join(" "));
}
