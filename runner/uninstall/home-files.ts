/** What a runner keeps in its home, and whether it can be had again: without `identity` things its owner has lost a name and money. */
export const HOME_FILES: readonly { name: string; is: "made_again" | "identity" }[] = [
  { name: "cache", is: "made_again" },
  { name: "models", is: "made_again" },
  { name: "engines", is: "made_again" },
  { name: "manifests", is: "made_again" },
  { name: "logs", is: "made_again" },
  { name: "benchmarks.json", is: "made_again" },
  { name: "hardware.json", is: "made_again" },
  { name: "runtimes.json", is: "made_again" },
  { name: "network.json", is: "made_again" },
  { name: "peers.json", is: "made_again" },
  { name: "peer-sequence.json", is: "made_again" },
  { name: "images.json", is: "made_again" },
  { name: "parts", is: "made_again" },
  { name: "shared", is: "made_again" },
  { name: "config.toml", is: "made_again" },
  { name: "control.sock", is: "made_again" },
  { name: "runner.lock", is: "made_again" },
  { name: "identity.key", is: "identity" },
  { name: "sealing.key", is: "identity" },
  { name: "client.key", is: "identity" },
  { name: "direct", is: "identity" },
  { name: "aggregate", is: "identity" },
  { name: "aggregators", is: "identity" },
  { name: "signed-leases", is: "identity" },
  { name: "signed-leases.old", is: "identity" },
];

/** What an interrupted write or command has left. */
export const isLeftover = (name: string): boolean =>
  /^(pull|bench)-\d+$/.test(name) || /^[\w.-]+\.part$/.test(name) || /^runner\.lock\.\d+/.test(name);
