import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** Comes with the tools that build and test. */
const BUNDLER = "esbuild";
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A Chromium of this machine; null when none is on the path. */
export function findBrowser(): string | null {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const places = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return places.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * A module and all that it imports as one script for browsers, whose exports become members of the global `name`. Throws
 * when it needs something that only Node has.
 */
export function bundleForBrowser(module: URL, name: string): string {
  const bundler = fileURLToPath(new URL(`../../../node_modules/.bin/${BUNDLER}`, import.meta.url));
  const options = ["--bundle", "--platform=browser", "--format=iife", `--global-name=${name}`, "--minify"];
  const { status, stdout, stderr } = spawnSync(bundler, [fileURLToPath(module), ...options], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Runs scripts in a page of a real browser; gives what the last of them, an expression, comes to, as JSON carries it. */
export async function runInBrowser(
  browser: string,
  scripts: readonly string[],
  last: string,
): Promise<unknown> {
  const report = Promise.withResolvers<unknown>();
  const answer = async (request: IncomingMessage): Promise<string> => {
    if (request.method === "POST") report.resolve(JSON.parse(await text(request)));
    return request.method === "POST" ? "" : renderPage([...scripts, reporting(last)]);
  };
  const server = createServer((request, response) => {
    answer(request).then((body) => response.setHeader("Content-Type", "text/html").end(body), report.reject);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has a port");
  const profile = mkdtempSync(join(tmpdir(), "infernet-browser-"));
  const flags = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    `--user-data-dir=${profile}`,
  ];
  const page = spawn(browser, [...flags, `http://127.0.0.1:${address.port}/`], { stdio: "ignore" });
  const gone = new Promise<void>((resolve) => page.once("exit", () => resolve()));
  page.once("error", report.reject);
  void gone.then(() => report.reject(new Error(`${browser} went without a report`)));
  try {
    return await report.promise;
  } finally {
    page.kill("SIGKILL");
    await gone;
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

const renderPage = (scripts: readonly string[]): string =>
  `<!doctype html><meta charset="utf-8">${scripts
    .map((script) => `<script>${script.replaceAll("</script", "<\\/script")}</script>`)
    .join("")}`;

const reporting = (expression: string): string =>
  `(async () => (${expression}))().catch((error) => ({ error: String(error) }))` +
  `.then((said) => fetch("/", { method: "POST", body: JSON.stringify(said) }));`;
