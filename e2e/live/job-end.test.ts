import { Problem } from "@infernet/schemas/problem";
import { beforeAll, expect, test } from "vitest";
import { until } from "../network/until.ts";
import { isFrom, startWebhookReceiver } from "../network/webhook-receiver.ts";
import { tinyJob, uploadTinyModel } from "./tiny-job.ts";
import { useEdge } from "./use-edge.ts";

const live = useEdge();
beforeAll(() => uploadTinyModel(live.client));

test("a job that no runner takes expires at its deadline, with nobody asking", async () => {
  const deadline = new Date(Date.now() + 1_500).toISOString();
  const { id } = await live.client.createJob(tinyJob(2, { deadline, webhook: { url: live.receiver.url } }));
  const { event, headers } = await live.receiver.waitFor((webhook) => webhook.event.data.job_id === id);
  expect(event.type).toBe("job.expired");
  expect(headers.id).toMatch(/^dlv_/);
  const job = await live.client.getJob(id);
  expect(job).toMatchObject({ state: "expired", error: { code: "deadline_exceeded" }, result: null });
  expect(Date.parse(job.timestamps.expired ?? "")).toBeGreaterThanOrEqual(Date.parse(deadline));
});

test("canceling a job ends it, and canceling it again changes nothing", async () => {
  const { id } = await live.client.createJob(tinyJob(2));
  const canceled = await live.client.cancelJob(id);
  expect(canceled.state).toBe("canceled");
  expect(await live.client.cancelJob(id)).toEqual(canceled);
  const { status, body } = await live.client.send("GET", `/jobs/${id}/result`);
  expect({ status, code: Problem.parse(body).code }).toEqual({ status: 409, code: "job_has_no_result" });
});

test("a webhook whose receiver is down is delivered when it is back, under the same id", async () => {
  const down = await startWebhookReceiver();
  await down.close();
  const { id } = await live.client.createJob(tinyJob(1, { webhook: { url: down.url } }));
  await live.client.cancelJob(id);
  const failed = await until("a failed attempt in the delivery log", async () => {
    const [delivery] = await live.client.listDeliveries(id);
    return delivery && delivery.attempts.length > 0 ? delivery : null;
  });
  expect(failed).toMatchObject({ state: "pending", attempts: [{ status: null }] });

  const back = await startWebhookReceiver({ port: down.port });
  try {
    const webhook = await back.waitFor();
    expect(webhook.headers.id).toBe(failed.id);
    expect(webhook.event).toMatchObject({ type: "job.canceled", data: { job_id: id } });
    expect(isFrom(webhook, await live.client.webhookKey())).toBe(true);
    const delivered = await until("the delivery", async () => {
      const [delivery] = await live.client.listDeliveries(id);
      return delivery?.state === "delivered" ? delivery : null;
    });
    expect(delivered.attempts.map(({ status }) => status)).toEqual([null, 204]);
    expect(back.received).toHaveLength(1);
  } finally {
    await back.close();
  }
});

test("a webhook that is altered on its way does not verify", async () => {
  const { id } = await live.client.createJob(tinyJob(1, { webhook: { url: live.receiver.url } }));
  await live.client.cancelJob(id);
  const webhook = await live.receiver.waitFor(({ event }) => event.data.job_id === id);
  const key = await live.client.webhookKey();
  expect(isFrom(webhook, key)).toBe(true);
  expect(isFrom({ ...webhook, body: webhook.body.replace("canceled", "succeeded") }, key)).toBe(false);
});
