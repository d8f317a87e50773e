import { describe, expect, it } from "vitest";
import { parseConfig } from "./parse-config.ts";
import { renderTemplate } from "./render-template.ts";
import { SETTING_KEYS, settingOf } from "./settings.ts";

const parse = (...lines: string[]) => parseConfig(lines.join("\n"), "config.toml");
const refusal = (...lines: string[]): string => {
  try {
    parse(...lines);
  } catch (error) {
    return String(error instanceof Error ? error.message : error);
  }
  throw new Error("the file was taken");
};

describe("config.toml", () => {
  it("gives the settings that it makes, and the lines they stand on", () => {
    const { values, lines } = parse(
      'edge = "https://edge.example"',
      "[limits]",
      "cores = 4",
      'cache_bytes = "2 GiB"',
      "[price]",
      "asking = 70000",
      "[pause]",
      'schedule = ["mon-fri 09:00-18:00"]',
    );
    expect(values).toMatchObject({
      edge: "https://edge.example",
      "limits.cores": 4,
      "limits.cache_bytes": 2 * 1024 ** 3,
      "price.asking": "70000",
      "pause.schedule": [{ days: [1, 2, 3, 4, 5], start: 540, end: 1080 }],
    });
    expect([...lines]).toEqual([
      ["edge", 1],
      ["price.asking", 6],
      ["limits.cores", 3],
      ["limits.cache_bytes", 4],
      ["pause.schedule", 8],
    ]);
  });

  it.each([
    [["[limit]", "cores = 4"], "config.toml, line 1: unknown setting 'limit': did you mean 'limits'?"],
    [
      ["[limits]", "", "core = 4"],
      "config.toml, line 3: unknown setting 'core' in [limits]: did you mean 'cores'?",
    ],
    [["egde = 'x'"], "config.toml, line 1: unknown setting 'egde': did you mean 'edge'?"],
    [["cores = 4"], "config.toml, line 1: unknown setting 'cores': did you mean 'cores' in [limits]?"],
    [
      ["[pause]", "payout = 'x'"],
      "config.toml, line 2: unknown setting 'payout' in [pause]: did you mean 'payout' above the first table?",
    ],
    [["zzzzzzzzz = 1"], "config.toml, line 1: unknown setting 'zzzzzzzzz'"],
    [["[limits]", "cores = 0"], "config.toml, line 2: limits.cores must be a whole number from 1"],
    [["[limits]", 'cores = "4"'], "config.toml, line 2: limits.cores must be a whole number from 1"],
    [
      ["[limits]", 'cache_bytes = "ten"'],
      'config.toml, line 2: limits.cache_bytes must be bytes, as in 1073741824 or "1 GiB"',
    ],
    [["[limits]", "memory_share = 2"], "config.toml, line 2: limits.memory_share must be at most 1"],
    [
      ["edge = 'edge.example'"],
      "config.toml, line 1: edge must be an http or https address, as in https://edge.example",
    ],
    [["limits = 3"], "config.toml, line 1: limits must be a table, as in [limits]"],
    [
      ["[pause]", "", 'schedule = ["mon 25:00-26:00"]'],
      "config.toml, line 3: pause.schedule 'mon 25:00-26:00' is not a time",
    ],
    [["[metrics]", "port = 70000"], "config.toml, line 2: metrics.port must be a port, 0 to 65535"],
    [["edge = "], "config.toml, line 1: not TOML"],
    [["a = 1", "a = 2"], "config.toml, line 2: not TOML"],
  ])("with %j is refused with the line and the way out", (lines, said) => {
    expect(refusal(...lines)).toContain(said);
  });

  it("as `init` writes it sets nothing, and every example in it is usable", () => {
    const text = renderTemplate();
    expect(parseConfig(text, "config.toml").values).toEqual({});
    const used = text.replaceAll(/^# ([a-z_]+ = .*)$/gm, "$1");
    expect(Object.keys(parseConfig(used, "config.toml").values).toSorted()).toEqual(SETTING_KEYS.toSorted());
    for (const key of SETTING_KEYS) expect(text.replaceAll(/\n# /g, " ")).toContain(settingOf(key).about);
  });
});
