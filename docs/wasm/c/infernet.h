/* What a C module needs for the ABI `rows`, version 1, of docs/wasm.md. Include it in one file. No C library is needed. */
#ifndef INFERNET_H
#define INFERNET_H

#include <stdint.h>

#define INFERNET_EXPORT(name) __attribute__((export_name(name)))

enum infernet_datatype {
  INFERNET_BOOL = 1, INFERNET_UINT8, INFERNET_UINT16, INFERNET_UINT32, INFERNET_UINT64,
  INFERNET_INT8, INFERNET_INT16, INFERNET_INT32, INFERNET_INT64,
  INFERNET_FP16, INFERNET_FP32, INFERNET_FP64, INFERNET_BYTES
};

typedef struct {
  void *data;
  uint32_t bytes;
  uint32_t datatype;
  uint32_t rank;
  uint32_t shape[8]; /* the first counts rows */
} infernet_tensor;

_Static_assert(sizeof(infernet_tensor) == 48, "a description has 48 bytes");

/* Names the model's tensors, a line each: "input NAME\n" or "output NAME\n". The order is that of infernet_run. */
#define INFERNET_TENSORS(text)                                                    \
  INFERNET_EXPORT("infernet_abi") uint32_t infernet_abi(void) { return 1; }       \
  INFERNET_EXPORT("infernet_tensors") const char *infernet_tensors(void) { return text; }

/* Ends the call; the client reads the text. */
__attribute__((import_module("infernet"), import_name("fail"), noreturn))
extern void infernet_fail(const char *text, uint32_t bytes);

#define INFERNET_FAIL(text) infernet_fail("" text, sizeof(text) - 1)

extern unsigned char __heap_base;

/* Memory of the call, aligned to 16 bytes. It need not be freed: every call begins with a module that is as new. */
INFERNET_EXPORT("infernet_alloc") void *infernet_alloc(uint32_t bytes) {
  static uintptr_t next;
  if (next == 0) next = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
  uint64_t end = (uint64_t)next + (((uint64_t)bytes + 15) & ~(uint64_t)15);
  uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) << 16;
  if (end > have && __builtin_wasm_memory_grow(0, (uintptr_t)((end - have + 0xffff) >> 16)) == (uintptr_t)-1) return 0;
  void *at = (void *)next;
  next = (uintptr_t)end;
  return at;
}

/* Gives an output its memory, and returns it. */
static inline void *infernet_output(infernet_tensor *output, uint32_t bytes) {
  output->data = infernet_alloc(bytes);
  output->bytes = bytes;
  if (output->data == 0) INFERNET_FAIL("no memory for an output");
  return output->data;
}

#endif
