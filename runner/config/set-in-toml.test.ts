import { expect, it } from "vitest";
import { parseConfig } from "./parse-config.ts";
import { renderTemplate } from "./render-template.ts";
import { setInToml } from "./set-in-toml.ts";

it("a setting takes the place of the comment that explains it, and is changed there", () => {
  const once = setInToml(renderTemplate(), "limits.cores", 4);
  expect(parseConfig(once, "f").values).toEqual({ "limits.cores": 4 });
  expect(once.split("\n")).toHaveLength(renderTemplate().split("\n").length);
  expect(setInToml(once, "limits.cores", 4)).toBe(once);
  expect(parseConfig(setInToml(once, "limits.cores", 5), "f").values).toEqual({ "limits.cores": 5 });
});

it("an owner's own lines and comments stay", () => {
  const own = '# mine\nname = "a"\n\n[pause]\non_battery = true # at the lake\n';
  const changed = setInToml(setInToml(own, "edge", "http://e"), "metrics.port", 0);
  expect(changed).toContain("# mine");
  expect(changed).toContain("on_battery = true # at the lake");
  expect(parseConfig(changed, "f").values).toEqual({
    edge: "http://e",
    name: "a",
    "metrics.port": 0,
    "pause.on_battery": true,
  });
});

it("text with quotes and newlines is written so that it is read as it was", () => {
  const owner = 'Ada "the\\first"\n & Co.';
  expect(parseConfig(setInToml("", "owner", owner), "f").values).toEqual({ owner });
});

it("a list of times is written whole", () => {
  const times = ["mon-fri 09:00-18:00", "22:00-06:00"];
  const { values } = parseConfig(setInToml(renderTemplate(), "pause.schedule", times), "f");
  expect(values["pause.schedule"]?.map(({ text }) => text)).toEqual(times);
});
