import { PeerRecord } from "../peer/peer-record.ts";

/** What a machine with one card and two engines announces, at the time 1_000_000. */
export const samplePeerRecord = (changes: Partial<PeerRecord> = {}): PeerRecord =>
  PeerRecord.parse({
    type: "infernet.peer.v1",
    runner: `run_${"a".repeat(52)}`,
    sequence: 1_000_000,
    issued_ms: 1_000_000,
    expires_ms: 2_800_000,
    version: "0.1.0",
    availability: "open",
    capability: {
      engines: [
        {
          engine: "onnx",
          version: "1.30.0",
          execution_provider: "cuda",
          formats: ["onnx"],
          sandbox: "bwrap",
        },
        { engine: "wasm", version: "24", execution_provider: "cpu", formats: ["wasm"], sandbox: "process" },
      ],
      memory_bytes: 64 * 1024 ** 3,
      cpu_cores: 16,
      // What the driver reports of a card of 24 GB.
      gpus: [{ name: "NVIDIA GeForce RTX 4090", vram_bytes: 24_564 * 1024 ** 2, cuda_cores: 16_384 }],
      region: "eu-west",
      asking_micro_per_core_hour: "2500",
    },
    models: ["a".repeat(64)],
    services: ["blob", "job"],
    direct: { payments: ["voucher"], micro_per_core_hour: "3000" },
    addresses: ["/ip4/203.0.113.7/tcp/4801"],
    attestations: [],
    ...changes,
  });
