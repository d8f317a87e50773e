import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cli, noTerminal, runCli, startAtTerminal } from "../cli/testing/run-cli.ts";
import { type StubEdge, startStubEdge } from "../cli/testing/stub-edge.ts";
import { parseConfig } from "../config/parse-config.ts";

const missingTerminal = noTerminal();
if (missingTerminal !== null) console.warn(`skipped: init at a terminal, because ${missingTerminal}`);

describe("infernet-runner init", { timeout: 30_000 }, () => {
  let home: string;
  let edge: StubEdge;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "infernet-init-"));
    edge = await startStubEdge();
  });
  afterEach(async () => {
    await edge.close();
    await rm(home, { recursive: true, force: true });
  });

  const file = (): string => join(home, "config.toml");
  const init = (...flags: string[]) => runCli(["init", "--home", home, ...flags]);
  const settings = async () => parseConfig(await readFile(file(), "utf8"), "f").values;

  it("makes a key and writes the settings that its flags name, for their owner alone", async () => {
    const { code, stdout } = await init(
      ...["--edge", edge.url, "--name", "attic", "--asking", "70000", "--cores", "2"],
      ...["--cache-bytes", "50 GiB", "--pause-schedule", "mon-fri 09:00-18:00", "--pause-on-battery"],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^id {8}run_/);
    expect(stdout).toContain("infernet-runner start");
    expect(await settings()).toMatchObject({
      edge: edge.url,
      name: "attic",
      "price.asking": "70000",
      "limits.cores": 2,
      "limits.cache_bytes": 50 * 1024 ** 3,
      "pause.on_battery": true,
    });
    expect((await readdir(home)).toSorted()).toEqual(["config.toml", "identity.key"]);
    for (const name of await readdir(home)) expect((await stat(join(home, name))).mode & 0o777).toBe(0o600);
  });

  it("changes what it is told to and nothing else, and is the same twice", async () => {
    const first = JSON.parse((await init("--json", "--edge", edge.url, "--name", "attic")).stdout);
    expect(first).toMatchObject({ written: "written", network: `net_${"A".repeat(43)}` });
    const own = `# my own words\n${await readFile(file(), "utf8")}`;
    await writeFile(file(), own);
    await chmod(file(), 0o644);
    const again = JSON.parse((await init("--json", "--edge", edge.url, "--name", "attic")).stdout);
    expect(again).toMatchObject({ id: first.id, written: "unchanged" });
    expect(await readFile(file(), "utf8")).toBe(own);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    const third = JSON.parse((await init("--json", "--name", "cellar")).stdout);
    expect(third).toMatchObject({ id: first.id, written: "changed", edge: edge.url });
    expect(await readFile(file(), "utf8")).toBe(own.replace('"attic"', '"cellar"'));
  });

  it("takes no address that is not an edge's, writes nothing then, and says the way out", async () => {
    edge.routes["/network"] = (response) =>
      void response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<h1>It works</h1>");
    const { code, stderr } = await init("--edge", edge.url);
    expect(code).toBe(4);
    expect(stderr).toContain(`${edge.url} is not an Infernet edge: its /network answers 200 with text/html`);
    expect(stderr).toContain("--offline");
    edge.routes["/network"] = (response) =>
      void response.writeHead(301, { location: "https://www.example/" }).end();
    expect((await init("--edge", edge.url)).stderr).toContain("a redirect to https://www.example/");
    const { url } = edge;
    await edge.close();
    const away = await init("--edge", url);
    expect(away.code).toBe(4);
    expect(away.stderr).toContain(`${url} does not answer`);
    expect(await readdir(home)).toEqual([]);
    expect((await init("--edge", url, "--offline")).code).toBe(0);
    expect(await settings()).toEqual({ edge: url });
    edge = await startStubEdge();
  });

  it("refuses what cannot be used, and what it would need to guess", async () => {
    expect(await init()).toMatchObject({ code: 2, stderr: expect.stringContaining("no edge is set") });
    expect(await init("--edge", edge.url, "--cores", "0")).toMatchObject({ code: 2 });
    await writeFile(file(), "egde = 'x'\n");
    const { code, stderr } = await init("--edge", edge.url);
    expect([code, stderr]).toEqual([2, expect.stringContaining("did you mean 'edge'?")]);
    // A setting in an inline table, which stays its owner's to change.
    await writeFile(file(), "limits = { cores = 2 }\n");
    const inline = await init("--edge", edge.url, "--cores", "3");
    expect([inline.code, inline.stderr]).toEqual([2, expect.stringContaining("set it there by hand")]);
    expect(await readFile(file(), "utf8")).toBe("limits = { cores = 2 }\n");
  });

  describe.skipIf(missingTerminal !== null)("at a terminal", () => {
    const ENTER = "\r";
    const seen = (cli: Cli, what: string) =>
      expect.poll(() => cli.stdout, { timeout: 10_000 }).toContain(what);
    const type = async (cli: Cli, question: string, ...keys: string[]): Promise<void> => {
      await seen(cli, question);
      for (const key of keys) cli.child.stdin?.write(key);
    };

    it("asks for what is not given, and asks again for an address that is none", async () => {
      const cli = startAtTerminal(["init", "--home", home, "--owner", "Ada"]);
      await type(cli, "Address of the edge", "http://127.0.0.1:1", ENTER);
      await type(cli, "does not answer");
      cli.child.stdin?.write(`${"\u007f".repeat(30)}${edge.url}${ENTER}`);
      await type(cli, "A name that people see", "attic", ENTER);
      await type(cli, "Address that its earnings go to", ENTER);
      await type(cli, "Least that an hour", ENTER);
      await type(cli, "Cores that it may use", "x", ENTER);
      await type(cli, "It must be a whole number", "\u007f", "2", ENTER);
      await type(cli, "Share of the memory", ENTER);
      await type(cli, "Share of each GPU", ENTER);
      await type(cli, "Disk that models", ENTER);
      await type(cli, "Upload in a second", ENTER);
      await type(cli, "Pause (space", " ", ENTER);
      await type(cli, "Times at which", ENTER);
      await type(cli, "Write these settings?", ENTER);
      expect(await cli.exit).toBe(0);
      expect(await settings()).toEqual({
        edge: edge.url,
        name: "attic",
        owner: "Ada",
        "limits.cores": 2,
        "pause.when_busy": true,
      });
    });

    it("writes nothing when it is broken off", async () => {
      const cli = startAtTerminal(["init", "--home", home]);
      await type(cli, "Address of the edge", edge.url, ENTER);
      await type(cli, "A name that people see", "\u0003");
      expect(await cli.exit).toBe(10);
      expect(cli.stdout).toContain("nothing was written");
      expect(await readdir(home)).toEqual([]);
    });
  });
});
