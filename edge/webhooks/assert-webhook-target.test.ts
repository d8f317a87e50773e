import { InfernetError } from "@infernet/schemas/errors";
import { describe, expect, test } from "vitest";
import { assertWebhookTarget } from "./assert-webhook-target.ts";

const refusal = (url: string, allow?: string): string | null => {
  try {
    assertWebhookTarget(url, allow === undefined ? {} : { ALLOW_PRIVATE_WEBHOOKS: allow });
    return null;
  } catch (error) {
    if (error instanceof InfernetError) return error.code;
    throw error;
  }
};

test.each([
  "https://example.com/hooks?x=1",
  "https://hooks.example.co.uk:8443/",
  "https://93.184.216.34/",
  "https://[2606:2800:220:1:248:1893:25c8:1946]/",
  "https://localhost.example.com/",
])("%s is allowed", (url) => {
  expect(refusal(url)).toBeNull();
});

describe("refused is", () => {
  test.each([
    "http://example.com/",
    "ftp://example.com/",
    "https://user:pass@example.com/",
    "https://localhost/",
    "https://localhost./",
    "https://api.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://intranet/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://0/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://192.0.2.1/",
    "https://[::1]/",
    "https://[::]/",
    "https://[fe80::1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:db8::1]/",
    "https://１２７.０.０.１/",
  ])("%s", (url) => {
    expect(refusal(url)).toBe("webhook_refused");
  });
});

test("a development flag allows private addresses and http, but no other schemes and no credentials", () => {
  expect(refusal("http://127.0.0.1:9000/hook", "true")).toBeNull();
  expect(refusal("http://127.0.0.1:9000/hook", "yes")).toBe("webhook_refused");
  expect(refusal("file:///etc/passwd", "true")).toBe("webhook_refused");
  expect(refusal("http://u:p@127.0.0.1/", "true")).toBe("webhook_refused");
});
