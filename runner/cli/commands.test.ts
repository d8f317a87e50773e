import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { RUNNER_ERRORS } from "../runner-error.ts";
import { createProgram } from "./program.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** Every command that does something, by the words that call it. */
function listCommands(command: Command, words: readonly string[] = []): [string, Command][] {
  if (command.commands.length === 0) return [[words.join(" "), command]];
  return command.commands.flatMap((sub) => listCommands(sub, [...words, sub.name()]));
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

const commands = listCommands(createProgram());

describe("every command", () => {
  it("is there", () => {
    const names = commands.map(([name]) => name);
    for (const name of [
      "init",
      "start",
      "status",
      "drain",
      "pause",
      "resume",
      "logs",
      "earnings",
      "withdraw",
    ])
      expect(names).toContain(name);
  });

  it.each(commands)("%s has --json, and an example in its help that calls it", (name, command) => {
    const help = helpOf(command);
    expect(help).toContain("--json");
    expect(help).toContain(`  $ infernet-runner ${name}`);
  });

  it.each(commands)("%s has a line in the README, or a word in that of its group", (name) => {
    const [first = "", ...rest] = name.split(" ");
    const lines = readme.match(new RegExp(`^\\| \`infernet-runner ${first}[\` ].*$`, "gm")) ?? [];
    expect(lines).not.toEqual([]);
    for (const word of rest) expect(lines.join("\n")).toMatch(new RegExp(`[\` ]${word}[\` ]`));
  });

  it("ends with an exit code that the README explains", () => {
    const explained = new Set([...readme.matchAll(/^\| (\d+) \| /gm)].map(([, code]) => Number(code)));
    for (const { exit_code } of Object.values(RUNNER_ERRORS)) expect(explained).toContain(exit_code);
  });
});
