/** As much of `node-llama-cpp` as the tests' server needs: the package is no dependency, so its types are not here. */
export interface LlamaModule {
  getLlama(options: { gpu: false; build: "never"; skipDownload: true; logLevel: "error" }): Promise<Llama>;
}

export interface Llama {
  readonly llamaCppRelease: { release: string };
  loadModel(options: { modelPath: string }): Promise<LlamaModel>;
}

export interface LlamaModel {
  tokenize(text: string): number[];
  detokenize(tokens: readonly number[]): string;
  isEogToken(token: number): boolean;
  readonly tokens: { bos: number };
  createContext(options: { contextSize: number; sequences: number; threads: number }): Promise<LlamaContext>;
}

export interface LlamaContext {
  getSequence(): LlamaSequence;
}

export interface LlamaSequence {
  evaluateWithMetadata(
    tokens: readonly number[],
    metadata: { probabilities: true },
    options: { temperature: number; topP: number; seed: number },
  ): AsyncGenerator<{ token: number; probabilities: Map<number, number> }>;
  dispose(): void;
}
