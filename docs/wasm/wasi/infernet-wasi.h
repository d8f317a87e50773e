/* What a WASI command in C needs for the ABI `wasi`, version 1, of docs/wasm.md. Include it in one file. */
#ifndef INFERNET_WASI_H
#define INFERNET_WASI_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define INFERNET_EXPORT(name) __attribute__((export_name(name)))

enum infernet_datatype {
  INFERNET_BOOL = 1, INFERNET_UINT8, INFERNET_UINT16, INFERNET_UINT32, INFERNET_UINT64,
  INFERNET_INT8, INFERNET_INT16, INFERNET_INT32, INFERNET_INT64,
  INFERNET_FP16, INFERNET_FP32, INFERNET_FP64, INFERNET_BYTES
};

typedef struct {
  uint32_t datatype;
  uint32_t rank;
  uint32_t shape[8]; /* the first counts rows */
  uint32_t bytes;
  void *data;
} infernet_tensor;

/* Names the model's tensors, a line each: "input NAME\n" or "output NAME\n". The order is that of the streams. */
#define INFERNET_TENSORS(text)                                                    \
  INFERNET_EXPORT("infernet_abi") uint32_t infernet_abi(void) { return 1; }       \
  INFERNET_EXPORT("infernet_tensors") const char *infernet_tensors(void) { return text; }

/* Ends the command; the client reads the text. */
static inline void infernet_fail(const char *text) {
  fprintf(stderr, "%s\n", text);
  exit(1);
}

static inline void infernet_take(void *into, uint32_t bytes) {
  if (bytes && fread(into, 1, bytes, stdin) != bytes) infernet_fail("standard input ended early");
}

static inline uint32_t infernet_number(void) {
  uint32_t number;
  infernet_take(&number, 4);
  return number;
}

/* Reads how many rows there are; the `count` inputs follow, each read by infernet_read. */
static inline uint32_t infernet_rows(uint32_t count) {
  uint32_t rows = infernet_number();
  if (infernet_number() != count) infernet_fail("the model has another number of inputs");
  return rows;
}

static inline infernet_tensor infernet_read(void) {
  infernet_tensor tensor;
  tensor.datatype = infernet_number();
  tensor.rank = infernet_number();
  if (tensor.rank > 8) infernet_fail("an input has more than 8 dimensions");
  infernet_take(tensor.shape, tensor.rank * 4);
  tensor.bytes = infernet_number();
  tensor.data = malloc(tensor.bytes ? tensor.bytes : 1);
  if (!tensor.data) infernet_fail("no memory for an input");
  infernet_take(tensor.data, tensor.bytes);
  return tensor;
}

/* Writes how many rows there are; the `count` outputs follow, each written by infernet_write. */
static inline void infernet_answer(uint32_t rows, uint32_t count) {
  fwrite(&rows, 4, 1, stdout);
  fwrite(&count, 4, 1, stdout);
}

static inline void infernet_write(const infernet_tensor *tensor) {
  fwrite(&tensor->datatype, 4, 2 + tensor->rank, stdout);
  fwrite(&tensor->bytes, 4, 1, stdout);
  fwrite(tensor->data, 1, tensor->bytes, stdout);
}

#endif
