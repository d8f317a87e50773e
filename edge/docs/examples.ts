const DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/** Requests as a person would first send them, by the name of their schema. */
export const EXAMPLES = {
  JobRequest: {
    model: "glyphs",
    input: {
      tensors: [
        { name: "images", datatype: "UINT8", shape: [2, 4], data: [0, 64, 128, 255, 255, 128, 64, 0] },
      ],
    },
    merge: "concat",
    verification: { mode: "quorum", replicas: 2 },
    offer: { max_micro: "1500000" },
    webhook: { url: "https://example.com/infernet" },
    metadata: { order: "4711" },
  },
  ModelRegistration: {
    name: "glyphs",
    manifest: {
      engine: "onnx",
      entry: "model.onnx",
      files: [{ path: "model.onnx", sha256: DIGEST, bytes: 103_412 }],
      inputs: [{ name: "images", datatype: "FP32", shape: [null, 4] }],
      outputs: [{ name: "scores", datatype: "FP32", shape: [null, 10] }],
      row_cost_us: 60,
    },
  },
  AccountRequest: { name: "Acme" },
  WebhookTestRequest: { url: "https://example.com/infernet" },
  RunnerRegistration: {
    version: "0.1.0",
    name: "workstation",
    capability: {
      engines: [
        { engine: "onnx", version: "1.30.0", execution_provider: "cpu", formats: ["onnx"], sandbox: "none" },
      ],
      memory_bytes: 17_179_869_184,
      cpu_cores: 8,
      gpus: [],
    },
  },
};
