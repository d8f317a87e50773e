import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "@infernet/schemas/digest";
import type { JobId } from "@infernet/schemas/ids";
import { Job } from "@infernet/schemas/job";
import { Problem } from "@infernet/schemas/problem";
import { beforeAll, describe, expect, test } from "vitest";
import { GLYPH_BYTES, glyphImages, glyphsModel, imageShape } from "../fixtures/glyphs-model.ts";
import { TINYLM_ANSWER, uploadTinylm } from "../fixtures/tinylm-model.ts";
import { ApiClient } from "../network/api-client.ts";
import type { EdgePlatform } from "../network/edge-process.ts";
import { followCompletion } from "../network/follow-completion.ts";
import { collectEvents } from "../network/follow-job.ts";
import type { RunnerProcess } from "../network/runner-process.ts";
import { streamJob } from "../network/stream-job.ts";
import { trustReferee } from "../network/trust-referee.ts";
import { until } from "../network/until.ts";
import { uploadModel } from "../network/upload-model.ts";
import { verifyJob } from "../network/verify-job.ts";
import { isFrom } from "../network/webhook-receiver.ts";
import { tinyJob, uploadTinyModel } from "./tiny-job.ts";
import { useEdge } from "./use-edge.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url));
const IMAGES = 120;
const TOKENS = 60;

/** What whoever gives jobs or works them can count on, whatever runs the aggregator. The tests stand on those before them. */
export function describeAggregator(platform: EdgePlatform): void {
  describe(`an aggregator on ${platform}`, () => {
    const live = useEdge(
      { LEASE_MS: "3000", EPOCH_MS: "2000", DISPATCH_BUCKETS: "2", PRICE_MICRO_PER_CORE_HOUR: "50000000" },
      platform,
    );
    const { send } = problems(live);
    let honest: RunnerProcess[];
    beforeAll(() => uploadTinyModel(live.client));

    test("takes its own keys and no others, and says what is wrong as a problem", async () => {
      const account = await live.client.send("GET", "/account");
      expect(account.body).toMatchObject({ name: "live tests", balances: [{ unit: "credit" }] });
      const stranger = new ApiClient(live.edge.url, "infk_nobody");
      const refused = await stranger.send("GET", "/account");
      expect(refused.headers.get("Content-Type")).toContain("application/problem+json");
      expect(Problem.parse(refused.body)).toMatchObject({ status: 401, retryable: false });
      expect(await send("GET", "/nowhere")).toEqual([404, "not_found"]);
      expect(await send("PATCH", "/jobs")).toEqual([405, "method_not_allowed"]);
      expect(await send("POST", "/jobs", { model: "tiny", rows: 1 })).toEqual([422, "request_invalid"]);
      expect(await send("POST", "/jobs", tinyJob(1, { model: "nothing" }))).toEqual([422, "model_unknown"]);
    });

    test("keeps blobs by their digest, gives parts of them, and takes none under another's", async () => {
      const bytes = new Uint8Array(300_000).map((_, i) => i % 251);
      const digest = await live.client.putBlob(bytes);
      const whole = await live.client.fetch("GET", `/blobs/${digest}`);
      expect(await sha256(new Uint8Array(await whole.arrayBuffer()))).toBe(digest);
      const part = await live.client.fetch("GET", `/blobs/${digest}`, { headers: { Range: "bytes=10-14" } });
      expect([part.status, part.headers.get("Content-Range")]).toEqual([206, "bytes 10-14/300000"]);
      expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.slice(10, 15));
      const head = await live.client.fetch("HEAD", `/blobs/${digest}`);
      expect(head.headers.get("Content-Length")).toBe("300000");
      const other = await sha256(new Uint8Array(1));
      const wrong = await live.client.fetch("PUT", `/blobs/${other}`, { body: bytes });
      expect(Problem.parse(await wrong.json()).code).toBe("digest_mismatch");
      expect((await live.client.fetch("HEAD", `/blobs/${other}`)).status).toBe(404);
    });

    test("makes one job of requests with one key, however often and however many at once", async () => {
      const post = (key: string, rows = 2) =>
        live.client.send("POST", "/jobs", tinyJob(rows), { "Idempotency-Key": key });
      const first = await post("a");
      const again = await post("a");
      expect(again.headers.get("Idempotency-Replayed")).toBe("true");
      expect(Job.parse(again.body).id).toBe(Job.parse(first.body).id);
      expect(Problem.parse((await post("a", 3)).body).code).toBe("idempotency_mismatch");
      const answers = await Promise.all(Array.from({ length: 8 }, () => post("b")));
      const taken = answers.filter(({ status }) => status === 202);
      expect(new Set(taken.map(({ body }) => Job.parse(body).id)).size).toBe(1);
      await Promise.all([first, ...taken].map(({ body }) => live.client.cancelJob(Job.parse(body).id)));
    });

    test("ends a job at its deadline with nobody asking, and tells it by a signed webhook", async () => {
      const deadline = new Date(Date.now() + 1_200).toISOString();
      const { id } = await live.client.createJob(
        tinyJob(2, { deadline, webhook: { url: live.receiver.url } }),
      );
      const webhook = await live.receiver.waitFor(({ event }) => event.data.job_id === id);
      expect(webhook.event.type).toBe("job.expired");
      expect(isFrom(webhook, await live.client.webhookKey())).toBe(true);
      expect(await live.client.getJob(id)).toMatchObject({ error: { code: "deadline_exceeded" } });
    });

    test("cancels a job once, and lists all jobs a page at a time, newest first", async () => {
      const { id } = await live.client.createJob(tinyJob(2));
      const canceled = await live.client.cancelJob(id);
      expect(canceled.state).toBe("canceled");
      expect(await live.client.cancelJob(id)).toEqual(canceled);
      expect(await send("GET", `/jobs/${id}/result`)).toEqual([409, "job_has_no_result"]);
      await until("the list", async () => ((await live.client.listJobs()).data.length === 4 ? true : null));
      const page = await live.client.listJobs("?limit=3");
      const rest = await live.client.listJobs(`?limit=3&cursor=${page.next_cursor}`);
      expect([page.data.length, rest.data.length, rest.next_cursor]).toEqual([3, 1, null]);
      const times = [...page.data, ...rest.data].map(({ created_at }) => created_at);
      expect(times).toEqual([...times].sort().reverse());
    });

    test("has jobs worked and checked, and proves it by a receipt that verifies offline", async () => {
      honest = await Promise.all(["ada", "grace"].map((name) => live.addRunner(name)));
      const audited = tinyJob(40, { shard_rows: 10, verification: { mode: "audit" } });
      const { status, body } = await live.client.send("POST", "/jobs", audited, { Prefer: "wait=30" });
      const job = Job.parse(body);
      expect([status, job.state]).toEqual([200, "succeeded"]);
      expect(job.providers.map(({ id }) => id).sort()).toEqual(honest.map(({ id }) => id).sort());
      expect(job.verification.reached).toMatchObject({ audits_passed: 4, disputes: 0 });
      const [y] = await live.client.getResult(job.id);
      expect(y?.shape).toEqual([40, 3]);
      expect(await verifyJob(live.client, job.id)).toBe("holds");

      const events = await collectEvents(live.client, job.id);
      const rest = [];
      for await (const event of live.client.streamEvents(job.id, events[1]?.seq)) rest.push(event);
      expect(rest).toEqual(events.slice(2));
    });

    test("streams a completion as it is made, to each reader from where it was", async () => {
      await uploadTinylm(live.client);
      const { id } = await live.client.createJob(streamJob("tinylm", TINYLM_ANSWER.prompt, TOKENS));
      const [one, other] = await Promise.all([1, 2].map(() => followCompletion(live.client, id)));
      expect(one?.text.startsWith(TINYLM_ANSWER.greedyText)).toBe(true);
      expect(one).toEqual(other);
      expect(one).toMatchObject({ positions: TOKENS, finished: { finish_reason: "length" } });
    });

    test("convicts a runner that cheats, and gives the right result", async () => {
      const [referee, cheat] = await Promise.all([
        live.addRunner("themis", { args: ["--referee"] }),
        live.addRunner("mallory", {
          file: fixture("dishonest-runner"),
          environment: { WRONG_SHARE: "0.5" },
        }),
        uploadModel(live.client, glyphsModel()),
      ]);
      await trustReferee(live.edge, referee.id);
      const images = glyphImages().slice(0, IMAGES * GLYPH_BYTES);
      const blob = await live.client.putBlob(images);
      const { id } = await live.client.createJob({
        model: "glyphs",
        input: { tensors: [{ name: "images", datatype: "UINT8", shape: imageShape(images), blob }] },
        shard_rows: 10,
        verification: { assurance: 0.99 },
      });
      await collectEvents(live.client, id);
      const job = await live.client.getJob(id);
      expect(job.state).toBe("succeeded");
      expect(job.providers.filter(({ convicted }) => convicted).map((one) => one.id)).toEqual([cheat.id]);
      await until("the ban", async () => ((await live.client.getProvider(cheat.id)).ban ? true : null));
      expect(await cheat.program.exited).not.toBe(0);
    });

    test("goes on where it was after a SIGKILL in the middle of a job: nothing is lost, nothing comes twice", async () => {
      const hold = join(live.folder, "hold");
      writeFileSync(hold, "");
      const held = await live.addRunner("held", {
        file: fixture("held-runner"),
        environment: { HOLD_FILE: hold },
      });
      const { id } = await live.client.createJob(
        tinyJob(60, {
          shard_rows: 10,
          verification: { mode: "quorum", replicas: 3 },
          webhook: { url: live.receiver.url },
        }),
      );
      await held.program.waitFor("engine.held");
      await until("a commitment", async () =>
        (await live.client.getJob(id)).progress.shards_committed > 0 ? true : null,
      );
      const before = await collectSoFar(live.client, id);
      await live.edge.program.kill();
      rmSync(hold);
      await live.restartEdge();

      const events = await collectEvents(live.client, id);
      expect(events.slice(0, before.length)).toEqual(before);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
      expect(events.at(-1)?.type).toBe("job.succeeded");
      const job = await live.client.getJob(id);
      expect(job.progress).toMatchObject({ shards_accepted: 6, rows_accepted: 60 });
      await live.receiver.waitFor(({ event }) => event.data.job_id === id);
      await until("the delivery", async () => {
        const [delivery] = await live.client.listDeliveries(id);
        return delivery?.state === "delivered" ? true : null;
      });
      const told = live.receiver.received.filter(({ event }) => event.data.job_id === id);
      expect(new Set(told.map(({ headers }) => headers.id)).size).toBe(1);
      expect(await verifyJob(live.client, id)).toBe("holds");
    });
  });
}

/** Status and code of an answer that is a problem. */
const problems = (live: { readonly client: ApiClient }) => ({
  send: async (method: string, path: string, json?: unknown): Promise<[number, string]> => {
    const { status, body } = await live.client.send(method, path, json);
    return [status, Problem.parse(body).code];
  },
});

/** The events that a job has had until now. */
async function collectSoFar(client: ApiClient, id: JobId): Promise<unknown[]> {
  const { progress } = await client.getJob(id);
  const events: unknown[] = [];
  for await (const event of client.streamEvents(id)) {
    events.push(event);
    if (event.type === "shards.committed" || events.length > progress.shards_committed + 8) break;
  }
  return events;
}
