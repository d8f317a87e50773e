import { expect, test } from "vitest";
import { sampleRunner } from "../testing/sample-ids.ts";
import { isLeaseRoute } from "./lease-routes.ts";

const runner = sampleRunner(1);
const DIGEST = "ab".repeat(32);
const isOpen = (request: string): boolean => {
  const [method, path = ""] = request.split(" ");
  if (method !== "GET" && method !== "POST" && method !== "PUT") throw new Error(request);
  return isLeaseRoute({ method, path }, runner);
};

test("what a runner and its owner ask of an edge is answered to peers", () => {
  const open = [
    ...[
      "register",
      "poll",
      "leave",
      "heartbeat",
      "results",
      "stream",
      "challenge",
      "challenge/answer",
      "appeal",
    ].map((name) => `POST /runner/${name}`),
    ...["GET /network", "GET /runner/demand", `GET /blobs/${DIGEST}`, `PUT /blobs/${DIGEST}`],
    ...[`GET /models/${DIGEST}`, "GET /models/glyphs", `GET /providers/${runner}`],
    ...[
      "GET /providers/me/earnings?limit=20",
      "GET /providers/me/payouts?limit=1&cursor=a",
      "POST /providers/me/payouts",
    ],
    `GET /providers/${runner}/attestation`,
  ];
  for (const request of open) expect([request, isOpen(request)]).toEqual([request, true]);
});

test("nothing of clients, of the operator or of other providers is", () => {
  const closed = [
    ...[
      "POST /jobs",
      "GET /jobs",
      "POST /accounts",
      "GET /accounts/me",
      "POST /models",
      "GET /models",
      "GET /models/",
    ],
    ...[
      `GET /providers/${sampleRunner(2)}`,
      "GET /providers",
      `POST /providers/${runner}/ban`,
      "GET /runner/stream?job=x",
    ],
    ...[
      "PUT /blobs/x",
      `GET /blobs/${DIGEST}/x`,
      `PUT /blobs/../jobs/${DIGEST}`,
      `GET /providers/${runner}/ledger`,
    ],
    ...[
      "GET /blobs//",
      `GET //blobs/${DIGEST}`,
      "POST /runner/poll/x",
      "GET /v1/models",
      "GET /models/..",
      "GET /models/%2e%2e",
      "POST /runner/poll%2f",
    ],
  ];
  for (const request of closed) expect([request, isOpen(request)]).toEqual([request, false]);
});
