import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { API_KEY_VARIABLE, readApiKey } from "./read-api-key.ts";
import { listAccesses } from "./server-access.ts";

describe("the servers of an owner", () => {
  it("are the named ones with the key, and the known ports of this machine without it", () => {
    const accesses = listAccesses(
      ["http://localhost:8000/v1/", "https://gpu.example/llm/v1"],
      true,
      "secret",
    );
    expect(accesses).toEqual([
      { base: "http://127.0.0.1:8000", api_key: "secret", isNamed: true },
      { base: "https://gpu.example/llm", api_key: "secret", isNamed: true },
      ...["11434", "8080", "1234"].map((port) => ({
        base: `http://127.0.0.1:${port}`,
        api_key: null,
        isNamed: false,
      })),
    ]);
    expect(listAccesses([], false, null)).toEqual([]);
  });
});

describe("their key", () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "infernet-key-"));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const file = async (text: string, mode: number): Promise<string> => {
    const path = join(dir, "key");
    await writeFile(path, text, { mode });
    return path;
  };

  it("comes from the environment before the file", async () => {
    const path = await file("from-file\n", 0o600);
    expect(await readApiKey(path, {})).toBe("from-file");
    expect(await readApiKey(path, { [API_KEY_VARIABLE]: "from-environment" })).toBe("from-environment");
    expect(await readApiKey(undefined, {})).toBeNull();
  });

  it("is not taken from a file that others may read, that is missing, or that holds something else", async () => {
    await expect(readApiKey(await file("key", 0o644), {})).rejects.toMatchObject({
      name: "EngineMissing",
      fix: expect.stringContaining("chmod 600"),
    });
    await expect(readApiKey(join(dir, "none"), {})).rejects.toThrow("cannot be read");
    await rm(join(dir, "key"));
    await expect(readApiKey(await file("two words", 0o600), {})).rejects.toThrow("holds no key");
  });
});
