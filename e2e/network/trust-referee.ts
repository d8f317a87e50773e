import type { RunnerId } from "@infernet/schemas/ids";
import type { EdgeProcess } from "./edge-process.ts";

/** Has the operator trust a runner to decide disagreements. */
export async function trustReferee(
  edge: Pick<EdgeProcess, "url" | "operatorKey">,
  id: RunnerId,
): Promise<void> {
  const response = await fetch(`${edge.url}/providers/${id}/referee`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${edge.operatorKey}`, "Content-Type": "application/json" },
    body: JSON.stringify({ trusted: true }),
  });
  if (!response.ok) throw new Error(`${id} is not trusted: ${response.status} ${await response.text()}`);
}
