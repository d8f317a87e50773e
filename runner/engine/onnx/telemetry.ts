/**
 * ONNX Runtime 1.29 and later report usage to their maker, with a persistent id, unless told not to before the library
 * is loaded (microsoft/onnxruntime#27379). A network that promises private payloads may not.
 */
export const TELEMETRY_OFF = { ORT_DISABLE_TELEMETRY: "1", ORT_TELEMETRY_DISABLED: "1" } as const;

export function silenceTelemetry(environment: NodeJS.ProcessEnv): void {
  Object.assign(environment, TELEMETRY_OFF);
}
