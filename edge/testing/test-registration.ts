import { RunnerRegistration } from "@infernet/schemas/runner";

/** What a machine with four cores says of itself. */
export const testRegistration = (changes: Partial<RunnerRegistration> = {}): RunnerRegistration =>
  RunnerRegistration.parse({
    version: "0.1.0",
    capability: {
      engines: [
        { engine: "onnx", version: "1.30.0", execution_provider: "cpu", formats: ["onnx"], sandbox: "none" },
      ],
      memory_bytes: 2 ** 33,
      cpu_cores: 4,
      gpus: [],
    },
    ...changes,
  });
