import { describe, expect, test } from "vitest";
import { link } from "./link.ts";
import { murmur3 } from "./murmur3.ts";
import { makeObject, type ObjectSpec } from "./testing/make-object.ts";

const EXIT = [0x95, 0, 0, 0, 0, 0, 0, 0];
const CALL = [0x85, 0x10, 0, 0, 0xff, 0xff, 0xff, 0xff];
const LDDW = [0x18, 0x01, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const CODE_BASE = 0x1_0000_0000n;

const code = (...instructions: number[][]): number[] => instructions.flat();
const CONSTANTS = { name: ".rodata", flags: "a", bytes: [1, 2, 3, 4, 5, 6, 7, 8, 9] } as const;

/** An object whose `entrypoint` begins at the start of `.text`. */
const objectOf = (text: number[], over: Partial<ObjectSpec> = {}): Uint8Array =>
  makeObject({
    sections: [{ name: ".text", flags: "ax", bytes: text }, ...(over.sections ?? [])],
    symbols: [{ name: "entrypoint", section: ".text", value: 0 }, ...(over.symbols ?? [])],
    relocations: over.relocations ?? [],
  });

/** The program's words, read as the loader does. */
function load(program: Uint8Array) {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const segments = Array.from({ length: view.getUint16(56, true) }, (_, i) => {
    const at = 64 + 56 * i;
    const start = Number(view.getBigUint64(at + 8, true));
    return {
      flags: view.getUint32(at + 4, true),
      address: view.getBigUint64(at + 16, true),
      bytes: program.slice(start, start + Number(view.getBigUint64(at + 32, true))),
    };
  });
  return { entry: view.getBigUint64(24, true), version: view.getUint32(48, true), segments };
}

describe("a linked program", () => {
  test("is one segment of code when there are no constants", () => {
    const { entry, version, segments } = load(link(objectOf(EXIT)));
    expect(version).toBe(3);
    expect(entry).toBe(CODE_BASE);
    expect(segments).toEqual([{ flags: 1, address: CODE_BASE, bytes: Uint8Array.from(EXIT) }]);
  });

  test("has its constants from address 8 on", () => {
    const { segments } = load(link(objectOf(EXIT, { sections: [CONSTANTS] })));
    expect(segments[0]).toMatchObject({ flags: 4, address: 0n });
    expect([...(segments[0]?.bytes ?? [])]).toEqual([
      ...new Array(8).fill(0),
      ...CONSTANTS.bytes,
      ...new Array(7).fill(0),
    ]);
  });

  test("enters where the entry point is", () => {
    const object = makeObject({
      sections: [{ name: ".text", flags: "ax", bytes: code(EXIT, EXIT) }],
      symbols: [{ name: "entrypoint", section: ".text", value: 8 }],
      relocations: [],
    });
    expect(load(link(object)).entry).toBe(CODE_BASE + 8n);
  });

  test("loads the address of a constant", () => {
    const object = objectOf(code(LDDW, EXIT), {
      sections: [CONSTANTS],
      symbols: [{ name: "table", section: ".rodata", value: 2 }],
      relocations: [{ section: ".text", offset: 0, type: 1, symbol: "table" }],
    });
    const text = load(link(object)).segments[1]?.bytes as Uint8Array;
    expect([...text.slice(4, 8), ...text.slice(12, 16)]).toEqual([8 + 2 + 4, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("keeps addresses of code and constants in tables", () => {
    const table = { name: ".data.rel.ro", flags: "a", bytes: new Array(16).fill(0).with(8, 1) } as const;
    const object = objectOf(EXIT, {
      sections: [table, CONSTANTS],
      symbols: [{ name: "words", section: ".rodata", value: 0 }],
      relocations: [
        { section: ".data.rel.ro", offset: 0, type: 2, symbol: "entrypoint" },
        { section: ".data.rel.ro", offset: 8, type: 2, symbol: "words" },
      ],
    });
    const bytes = load(link(object)).segments[0]?.bytes as Uint8Array;
    const view = new DataView(bytes.buffer);
    expect(view.getBigUint64(8, true)).toBe(CODE_BASE);
    expect(view.getBigUint64(16, true)).toBe(8n + 16n + 1n);
  });

  test("calls the machine by the hash of a name", () => {
    const object = objectOf(code(CALL, EXIT), {
      symbols: [{ name: "sol_sha256" }],
      relocations: [{ section: ".text", offset: 0, type: 10, symbol: "sol_sha256" }],
    });
    const text = load(link(object)).segments[0]?.bytes as Uint8Array;
    expect(text[1]).toBe(0);
    expect(new DataView(text.buffer).getUint32(4, true)).toBe(murmur3("sol_sha256"));
  });

  test("calls its functions by how far off they are", () => {
    const object = objectOf(code(CALL, EXIT, EXIT), {
      symbols: [{ name: "helper", section: ".text", value: 16 }],
      relocations: [{ section: ".text", offset: 0, type: 10, symbol: "helper" }],
    });
    const text = load(link(object)).segments[0]?.bytes as Uint8Array;
    expect(text[1]).toBe(0x10);
    expect(new DataView(text.buffer).getInt32(4, true)).toBe(1);
  });

  test("calls a function by its place in a section", () => {
    const object = objectOf(code(CALL.with(4, 2).with(5, 0).with(6, 0).with(7, 0), EXIT), {
      sections: [{ name: ".text.more", flags: "ax", bytes: code(EXIT, EXIT, EXIT, EXIT) }],
      symbols: [{ name: "", section: ".text.more", value: 0, isSection: true }],
      relocations: [{ section: ".text", offset: 0, type: 10, symbol: "" }],
    });
    const text = load(link(object)).segments[0]?.bytes as Uint8Array;
    expect(new DataView(text.buffer).getInt32(4, true)).toBe((16 + 3 * 8) / 8 - 1);
  });

  test("swaps bytes, and loads constants that look like 32-bit instructions", () => {
    const swap = [0xdc, 0x01, 0, 0, 32, 0, 0, 0];
    link(objectOf(code(swap, [...LDDW.slice(0, 8), 0x04, 0, 0, 0, 0, 0, 0, 0], EXIT)));
  });

  test("leaves out what is not loaded, with its relocations", () => {
    const object = objectOf(EXIT, {
      sections: [{ name: ".debug", flags: "", bytes: new Array(8).fill(0) }],
      relocations: [{ section: ".debug", offset: 0, type: 99, symbol: "entrypoint" }],
    });
    expect(load(link(object)).segments).toHaveLength(1);
  });
});

describe("the linker refuses", () => {
  test("what is no object of clang for BPF", () => {
    const object = objectOf(EXIT);
    const broken: [number, number][] = [
      [0, 0x7e],
      [4, 1],
      [5, 2],
      [16, 2],
      [18, 62],
    ];
    for (const [at, value] of broken) {
      expect(() => link(object.with(at, value))).toThrow("not a BPF object");
    }
    expect(() => link(new Uint8Array(10))).toThrow("not a BPF object");
    expect(() => link(link(object))).toThrow("not a BPF object");
  });

  test("an object without symbols", () => {
    const object = makeObject({ sections: [], symbols: [], relocations: [], hasSymbols: false });
    expect(() => link(object)).toThrow("no symbols");
  });

  test.each(["aw", "abw", "ab"] as const)("global variables (%s)", (flags) => {
    const sections = [{ name: ".data", flags, bytes: new Array(8).fill(0) }];
    expect(() => link(objectOf(EXIT, { sections }))).toThrow(".data is writable");
  });

  test("system calls that are not on the list", () => {
    const object = objectOf(code(CALL, EXIT), {
      symbols: [{ name: "memcpy" }],
      relocations: [{ section: ".text", offset: 0, type: 10, symbol: "memcpy" }],
    });
    expect(() => link(object)).toThrow("memcpy is not a system call");
  });

  test("constants that are not defined", () => {
    const object = objectOf(code(LDDW, EXIT), {
      symbols: [{ name: "elsewhere" }],
      relocations: [{ section: ".text", offset: 0, type: 1, symbol: "elsewhere" }],
    });
    expect(() => link(object)).toThrow("elsewhere is not defined");
  });

  test("what points to a section that is not loaded", () => {
    const object = objectOf(code(LDDW, EXIT), {
      sections: [{ name: ".debug", flags: "", bytes: new Array(8).fill(0) }],
      symbols: [{ name: "note", section: ".debug", value: 0 }],
      relocations: [{ section: ".text", offset: 0, type: 1, symbol: "note" }],
    });
    expect(() => link(object)).toThrow(".debug is not loaded");
  });

  test("calls into constants", () => {
    const object = objectOf(code(CALL, EXIT), {
      sections: [CONSTANTS],
      symbols: [{ name: "table", section: ".rodata", value: 0 }],
      relocations: [{ section: ".text", offset: 0, type: 10, symbol: "table" }],
    });
    expect(() => link(object)).toThrow("leaves the code");
  });

  test.each([0, 3, 4, 11])("relocations of type %d", (type) => {
    const object = objectOf(EXIT, {
      relocations: [{ section: ".text", offset: 0, type, symbol: "entrypoint" }],
    });
    expect(() => link(object)).toThrow(`type ${type} in .text is unknown`);
  });

  test.each([0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0xb4, 0xbc, 0x16, 0xae])(
    "the 32-bit instruction %d",
    (opcode) => {
      const text = code(LDDW, [opcode, 0, 0, 0, 0, 0, 0, 0], EXIT);
      expect(() => link(objectOf(text))).toThrow(`instruction 2 is a 32-bit one (0x${opcode.toString(16)})`);
    },
  );

  test("an object without an entry point, or with one outside the code", () => {
    const sections = [{ name: ".text", flags: "ax", bytes: EXIT } as const, CONSTANTS];
    const none = makeObject({ sections, symbols: [], relocations: [] });
    expect(() => link(none)).toThrow("no function entrypoint");
    const symbols = [{ name: "entrypoint", section: ".rodata", value: 0 }];
    expect(() => link(makeObject({ sections, symbols, relocations: [] }))).toThrow("no function entrypoint");
    const undefinedEntry = makeObject({ sections, symbols: [{ name: "entrypoint" }], relocations: [] });
    expect(() => link(undefinedEntry)).toThrow("no function entrypoint");
  });
});
