import { parseArgs } from "node:util";
import type { Referees } from "./world.ts";

export const SIM_USAGE = `Usage: npm run sim -- [options]

Runs the rules of protocol/ against everybody who would cheat them, on a fake clock: 10 jobs of 1,000 shards,
200 machines, 60 of them in one cabal. Without options it runs everything and writes the tables of
docs/verification.md; that takes a few minutes.

  kademlia            instead of all that: look-ups, traffic and attacks in networks of 50 to 1,000,000 peers, for
                      docs/peers-at-scale.md; about ten minutes, or with --quick the small ones alone

  --only NAME         these scenarios and no others (may be repeated; a part's name stands for all of it)
  --seeds N           seeds 1 to N for each scenario (default 20; some scenarios take a part of them)
  --seed N            this seed and no other
  --adversary FILE    an adversary of your own: a module that exports createAdversary, see e2e/sim/adversary.ts
  --assurance P       what is promised, with --adversary or --only (default 0.9999)
  --referee none      nobody is trusted to decide disagreements: majorities do
  --list              the names of all scenarios
  --json              print one JSON object on stdout; everything else goes to stderr
  --help              this text

Exit codes: 0 all numbers are reached, 1 some are missed or a run failed, 2 wrong options.
`;

export interface SimOptions {
  only: string[];
  seeds: number[];
  adversary: string | null;
  assurance: number | null;
  referees: Referees | null;
  list: boolean;
  json: boolean;
  help: boolean;
  /** Whether everything is run, as the page has it. */
  isWhole: boolean;
}

const SEEDS = 20;

/** @throws Error with one line a person can act on */
export function parseSimOptions(argv: readonly string[]): SimOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: "string", multiple: true, default: [] },
      seeds: { type: "string" },
      seed: { type: "string" },
      adversary: { type: "string" },
      assurance: { type: "string" },
      referee: { type: "string" },
      list: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { only, seeds, seed, adversary = null, assurance, referee, list, json, help } = values;
  if (seeds !== undefined && seed !== undefined) throw new Error("Give --seed or --seeds, not both.");
  if (referee !== undefined && referee !== "none")
    throw new Error(`--referee is "none" or left out, not "${referee}".`);
  const isWhole =
    only.length === 0 &&
    ![seeds, seed, assurance, referee].some((value) => value !== undefined) &&
    adversary === null;
  return {
    only,
    seeds:
      seed === undefined
        ? range(parseCount("--seeds", seeds ?? String(SEEDS)))
        : [parseCount("--seed", seed)],
    adversary,
    assurance: assurance === undefined ? null : parseAssurance(assurance),
    referees: referee === "none" ? "none" : null,
    list,
    json,
    help,
    isWhole,
  };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

function parseCount(name: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`${name} is a whole number from 1, not "${text}".`);
  return count;
}

function parseAssurance(text: string): number {
  const assurance = Number(text);
  if (!(assurance >= 0.9 && assurance <= 0.99999))
    throw new Error(`--assurance lies between 0.9 and 0.99999; "${text}" does not.`);
  return assurance;
}
