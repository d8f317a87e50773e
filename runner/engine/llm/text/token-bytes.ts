import type { Tokenizer } from "@huggingface/tokenizers";
import { EngineFailure } from "../../engine-failure.ts";
import type { TokenDecoder, TokenizerJson } from "./read-tokenizer.ts";

const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();

/** What a token adds to the text. Special tokens, and ids that the tokenizer does not know, add nothing. */
export interface TokenBytes {
  of(token: number): Uint8Array;
  /** Of special tokens too: as they are written. */
  written(token: number): Uint8Array;
}

/**
 * The bytes of single tokens: of byte-level BPE, and of SentencePiece models with or without byte fallback. Text is the bytes
 * of all tokens joined, so a space at the beginning stays, where Hugging Face's decoders strip it: a completion continues.
 * @throws EngineFailure `model_unloadable` where the decoder gives text that is not its tokens' bytes joined
 */
export function tokenBytes(tokenizer: Tokenizer, { added_tokens, decoder }: TokenizerJson): TokenBytes {
  const added = new Map(added_tokens.map((token) => [token.id, token]));
  const bytesOf = decodingOf(decoder);
  const known: Uint8Array[] = [];
  const written = (token: number): Uint8Array => {
    const content = added.get(token)?.content;
    // Byte-level BPE writes the tokens of its own vocabulary in bytes, and added ones as they are.
    if (content !== undefined && bytesOf === byteLevel) return encoder.encode(content);
    const text = content ?? tokenizer.id_to_token(token);
    return text === undefined ? NOTHING : bytesOf(text);
  };
  return {
    written,
    of: (token) => {
      const bytes = known[token] ?? (added.get(token)?.special ? NOTHING : written(token));
      known[token] = bytes;
      return bytes;
    },
  };
}

function decodingOf(decoder: TokenizerJson["decoder"]): (text: string) => Uint8Array {
  const decoders = decoder?.type === "Sequence" ? (decoder.decoders ?? []) : decoder ? [decoder] : [];
  if (decoders.some(({ type }) => type === "ByteLevel")) return byteLevel;
  if (decoders.length > 0 && decoders.every(isOfPieces)) return piece;
  const types = decoders.map(({ type }) => type).join(", ");
  throw new EngineFailure(
    "model_unloadable",
    `the tokenizer's decoder is ${types || "missing"}; byte-level BPE and SentencePiece models are known`,
  );
}

const PIECE_DECODERS = new Set(["ByteFallback", "Fuse", "Strip", "Metaspace"]);

/** Of SentencePiece models: what they replace is their mark for a space. */
const isOfPieces = ({ type, pattern, content }: TokenDecoder): boolean =>
  type === "Replace" ? pattern?.String === SPACE_MARK && content === " " : PIECE_DECODERS.has(type);

const SPACE_MARK = "\u2581";
const FALLBACK = /^<0x([0-9A-F]{2})>$/i;

function piece(text: string): Uint8Array {
  const [, hex] = FALLBACK.exec(text) ?? [];
  return hex === undefined
    ? encoder.encode(text.replaceAll(SPACE_MARK, " "))
    : Uint8Array.of(Number.parseInt(hex, 16));
}

/** Byte-level BPE writes printable bytes as their own characters and the others, in order, as those from U+0100 on. */
const BYTE_OF = new Map<string, number>();
for (let byte = 0, others = 0; byte < 256; byte++) {
  const isOwn = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  BYTE_OF.set(String.fromCharCode(isOwn ? byte : 0x100 + others++), byte);
}

const byteLevel = (text: string): Uint8Array =>
  Uint8Array.from([...text].flatMap((character) => BYTE_OF.get(character) ?? [...encoder.encode(character)]));
