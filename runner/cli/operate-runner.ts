import type { Settings } from "../config/settings.ts";
import { EarnedToday } from "../control/earned-today.ts";
import { noPeers, type PeersReport } from "../control/peers-report.ts";
import { RunnerMonitor } from "../control/runner-monitor.ts";
import { serveControl } from "../control/serve-control.ts";
import { logPath, openLogFile } from "../log/log-file.ts";
import { createRunnerMetrics, type RunnerMetrics } from "../metrics/runner-metrics.ts";
import { serveMetrics } from "../metrics/serve-metrics.ts";
import { PauseControl } from "../pause/pause-control.ts";
import { watchPauses } from "../pause/watch-pauses.ts";
import { createRunner, type Runner } from "../runner.ts";
import type { Log } from "../work/runner-event.ts";
import { createJsonLog } from "./json-log.ts";
import type { LogHub } from "./log-hub.ts";
import { openEnginesOf } from "./open-engines-of.ts";
import { runnerOptionsOf } from "./runner-options.ts";
import { onStopSignals } from "./stop-signals.ts";

export interface Operation {
  /** None: it works for peers' aggregators alone. */
  edge: string | undefined;
  home: string;
  values: Settings;
  hub: LogHub;
  /** What its owner watches it by, while it runs. */
  watch?(watched: Watched): () => void;
}

export interface Watched {
  runner: Runner;
  monitor: RunnerMonitor;
  earned: EarnedToday;
}

const ALIVE_MS = 60_000;

/** Runs a runner with all that its owner sees and steers it by: log file, metrics, commands, pauses, signals. */
export async function operateRunner({ edge, home, values, hub, watch }: Operation): Promise<void> {
  const stop = new AbortController();
  const closing: (() => unknown)[] = [];
  // Until all is closed: what is closed keeps no process of its own.
  const alive = setInterval(() => undefined, ALIVE_MS);
  const monitor = new RunnerMonitor(() => new Date());
  const earned = new EarnedToday();
  let cache_bytes = (): number => 0;
  let peers = (): PeersReport => noPeers("opening");
  const metrics = createRunnerMetrics({
    read: () => monitor.read(),
    cache_bytes: () => cache_bytes(),
    peers: () => peers(),
    earned: () => earned.read(stop.signal),
  });
  for (const part of [monitor, earned, metrics]) hub.add((event) => part.observe(event));
  try {
    const url = await openMetrics(values["metrics.port"], metrics, monitor, hub.log, closing);
    const { engines, missing } = await openEnginesOf(home, values, hub.log);
    const runner = await createRunner({
      ...(edge === undefined ? {} : { edge }),
      ...{ home, engines, missing, log: hub.log, metrics: url, onExchange: metrics.onExchange },
      ...runnerOptionsOf(values),
    });
    cache_bytes = () => runner.cache_bytes;
    peers = () => runner.peers();
    earned.connect(runner.client);
    // Only now: the home is this process's alone.
    openLog(home, values, hub, closing);
    const control = new PauseControl(runner);
    await openControl(home, runner, control, monitor, hub, closing);
    const onSilent = (detail: string): void => hub.log({ event: "warning", detail });
    watchPauses({ ...pauseRulesOf(values), control, ...usageOf(monitor), onSilent, signal: stop.signal });
    closing.push(onStopSignals(() => runner.drain()));
    if (watch) closing.push(watch({ runner, monitor, earned }));
    await runner.run();
  } finally {
    stop.abort(new Error("the runner has ended"));
    for (const close of closing.reverse()) await close();
    clearInterval(alive);
  }
}

async function openMetrics(
  port: number,
  metrics: RunnerMetrics,
  monitor: RunnerMonitor,
  log: Log,
  closing: (() => unknown)[],
): Promise<string | null> {
  if (port === 0) return null;
  try {
    const served = await serveMetrics({ port, metrics, state: () => monitor.read()?.state ?? "starting" });
    closing.push(served.close);
    return served.url;
  } catch (error) {
    const why = isTaken(error) ? `port ${port} is taken` : String(error);
    log({ event: "warning", detail: `no metrics are served: ${why}; set metrics.port to another, or to 0` });
    return null;
  }
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "EADDRINUSE";

function openLog(home: string, values: Settings, hub: LogHub, closing: (() => unknown)[]): void {
  const file = openLogFile({
    path: logPath(home),
    file_bytes: values["log.file_bytes"],
    files: values["log.files"],
    onFailure: (detail) => hub.log({ event: "warning", detail }),
  });
  hub.add(
    createJsonLog(
      (line) => file.write(line),
      () => new Date(),
    ),
  );
  closing.push(file.close);
}

async function openControl(
  home: string,
  runner: Runner,
  pauses: PauseControl,
  monitor: RunnerMonitor,
  hub: LogHub,
  closing: (() => unknown)[],
): Promise<void> {
  try {
    const control = await serveControl({
      home,
      pauses,
      read: () => monitor.read(),
      peers: () => runner.peers(),
      drain: () => runner.drain(),
    });
    hub.add(control.observe);
    closing.push(control.close);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const detail = `it takes no commands (status, pause, drain): ${why}`;
    hub.log({ event: "warning", detail });
  }
}

const pauseRulesOf = (values: Settings) => ({
  rules: {
    when_busy: values["pause.when_busy"],
    busy_cpu_share: values["pause.busy_cpu_share"],
    busy_gpu_share: values["pause.busy_gpu_share"],
    schedule: values["pause.schedule"],
    on_battery: values["pause.on_battery"],
  },
});

const usageOf = (monitor: RunnerMonitor) => ({
  hasWork: () => (monitor.read()?.now.length ?? 0) > 0,
  usesGpu: () => {
    const activity = monitor.read();
    return (
      (activity?.now.length ?? 0) > 0 &&
      (activity?.capability.engines.some(({ execution_provider }) => execution_provider !== "cpu") ?? false)
    );
  },
});
