import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CHILD_ENTRIES, entryPath } from "./entry-path.ts";

describe("the programs that run as children", () => {
  it.each(CHILD_ENTRIES)("%s is a module of this package", (entry) => {
    expect(existsSync(entryPath(entry))).toBe(true);
  });
});
