import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PauseControl } from "../pause/pause-control.ts";
import type { Activity } from "./activity.ts";
import { askControl } from "./ask-control.ts";
import { askPeers } from "./ask-peers.ts";
import { callControl } from "./call-control.ts";
import type { ControlMessage } from "./control-protocol.ts";
import { noPeers } from "./peers-report.ts";
import { type Control, serveControl } from "./serve-control.ts";
import { sampleActivity } from "./testing/sample-activity.ts";

describe("commands to a running runner", () => {
  let home: string;
  let control: Control;
  let activity: Activity | null;
  let happened: string[];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "infernet-control-"));
    activity = sampleActivity({ shards: 2 });
    happened = [];
  });
  afterEach(async () => {
    await control?.close();
    await rm(home, { recursive: true, force: true });
  });

  const serve = async (): Promise<void> => {
    const pauses = new PauseControl({
      pause: (by) => void happened.push(`paused by ${by}`),
      resume: () => void happened.push("resumed"),
    });
    control = await serveControl({
      home,
      pauses,
      read: () => activity,
      peers: () => noPeers("waiting"),
      drain: () => void happened.push("drains"),
    });
  };

  it("are answered with what it is at", async () => {
    await serve();
    expect(await askControl(home, { call: "status" })).toEqual(activity);
    expect(await askControl(home, { call: "pause" })).toEqual(activity);
    await askControl(home, { call: "resume" });
    expect(happened).toEqual(["paused by command", "resumed"]);
  });

  it("tell of its peers, and whether any can be had", async () => {
    await serve();
    expect(await askPeers(home)).toEqual(noPeers("waiting"));
    await control.close();
    expect(await askPeers(home)).toBeNull();
  });

  it("tell who drains it how far it is, and what it did, and end", async () => {
    await serve();
    const messages = await callControl(home, { call: "drain" });
    if (messages === null) throw new Error("nobody answers");
    const told: ControlMessage[] = [];
    const lease = activity?.now[1];
    if (lease === undefined) throw new Error("no lease");
    for await (const message of messages) {
      told.push(message);
      if (told.length === 1) {
        activity = sampleActivity({ shards: 1 });
        control.observe({ event: "shard.handed_back", ...lease });
      } else if (told.length === 2) {
        control.observe({ event: "stopped", shards_done: 3, shards_failed: 0, rows_done: 30, unsent: 0 });
      }
    }
    expect(happened).toEqual(["drains"]);
    expect(told).toEqual([
      { kind: "progress", shards: 2 },
      { kind: "progress", shards: 1 },
      { kind: "stopped", shards_done: 3, shards_failed: 0, rows_done: 30, unsent: 0 },
    ]);
  });

  it("go to nobody where none runs, and where one was killed", async () => {
    expect(await askControl(home, { call: "status" })).toBeNull();
    await serve();
    await control.close();
    expect(await readdir(home)).toEqual([]);
    await writeFile(join(home, "control.sock"), "");
    expect(await askControl(home, { call: "status" })).toBeNull();
    await serve();
    expect(await askControl(home, { call: "status" })).toEqual(activity);
  });

  it("are for the owner of the home alone", async () => {
    await serve();
    expect((await stat(join(home, "control.sock"))).mode & 0o777).toBe(0o600);
  });

  it.each(["", "not json", '{"call":"explode"}', '{"call":"drain","now":true}'])(
    "that it does not know are refused, and change nothing: %j",
    async (line) => {
      await serve();
      const socket = connect(join(home, "control.sock"));
      socket.write(`${line}\n`);
      const answer = JSON.parse(await text(socket));
      expect(answer).toMatchObject({ kind: "refused" });
      expect(happened).toEqual([]);
    },
  );

  it("are a few words: who says more is cut off", async () => {
    await serve();
    const socket = connect(join(home, "control.sock"));
    socket.on("error", () => undefined);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume();
    socket.write("x".repeat(100_000));
    await closed;
    expect(await askControl(home, { call: "status" })).toEqual(activity);
  });

  it("are refused while it is only starting", async () => {
    activity = null;
    await serve();
    await expect(askControl(home, { call: "status" })).rejects.toMatchObject({ code: "command_refused" });
  });

  it("cannot be taken in a home whose path is too long, and that is said", async () => {
    const long = join(home, "x".repeat(100));
    const pauses = new PauseControl({ pause: () => undefined, resume: () => undefined });
    await expect(
      serveControl({
        home: long,
        pauses,
        read: () => null,
        peers: () => noPeers("off"),
        drain: () => undefined,
      }),
    ).rejects.toThrow("over 103 bytes");
    await serve();
  });
});
