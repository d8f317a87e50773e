import { Epoch } from "@infernet/schemas/epoch";
import type { Receipt } from "@infernet/schemas/receipt";
import { RunnerError } from "../runner-error.ts";

/** The epochs of a receipt's draws, as an edge publishes them. Throws RunnerError edge_away and edge_refused. */
export async function fetchEpochs(edge: string, { epochs }: Pick<Receipt, "epochs">): Promise<Epoch[]> {
  const fetched: Epoch[] = [];
  for (const { epoch } of epochs)
    fetched.push(await fetchEpoch(`${edge.replace(/\/$/, "")}/epochs/${epoch}`));
  return fetched;
}

async function fetchEpoch(url: string): Promise<Epoch> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new RunnerError("edge_away", `GET ${url} was not answered`, { cause: error });
  }
  const parsed = response.ok ? Epoch.safeParse(await response.json()) : null;
  if (parsed?.success) return parsed.data;
  throw new RunnerError("edge_refused", `GET ${url} answered ${response.status}, and no epoch`);
}
