import { aggregatorName, aggregatorNameAt, dayAt } from "@infernet/schemas/aggregator-name";
import { createdMs, type JobId, type Partition } from "@infernet/schemas/ids";

type AggregatorStub = ReturnType<Env["AGGREGATOR"]["getByName"]>;

const DAY_MS = 24 * 3600 * 1000;

/**
 * The aggregator object for the jobs of one partition that are made on one day (UTC). Days have objects of their own
 * because forgetting is then free: a day whose retention is over is dropped whole, while deleting its rows would be
 * billed like writing them.
 */
export function aggregatorAt(env: Env, partition: Partition, unix_ms: number): AggregatorStub {
  return env.AGGREGATOR.getByName(aggregatorNameAt(partition, unix_ms));
}

/** The same partition's object of the day before. */
export function aggregatorBefore(env: Env, partition: Partition, unix_ms: number): AggregatorStub {
  return aggregatorAt(env, partition, unix_ms - DAY_MS);
}

/** The object that owns a job: both parts of its name are in the job's id. */
export const aggregatorOf = (env: Env, job: JobId): AggregatorStub =>
  env.AGGREGATOR.getByName(aggregatorName(job));

/** Things that belong to jobs, with the object that owns them. */
export function groupByAggregator<Item extends { job_id: JobId }>(
  env: Env,
  items: readonly Item[],
): [AggregatorStub, Item[]][] {
  const groups = Map.groupBy(items, (item) => aggregatorName(item.job_id));
  return [...groups].map(([name, ofObject]) => [env.AGGREGATOR.getByName(name), ofObject]);
}

/** The end of the day on which a job was made, in Unix ms. */
export const dayEnd = (job: JobId): number => (dayAt(createdMs(job)) + 1) * DAY_MS;
