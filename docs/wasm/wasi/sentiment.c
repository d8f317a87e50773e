/* Scores texts by the words in them: words.txt, beside the module, has a word and its weight on each line. */
#include <string.h>

#include "infernet-wasi.h"

INFERNET_TENSORS("input text\noutput score\n")

#define WORDS_MAX 256
static struct { char word[32]; double weight; } words[WORDS_MAX];
static int known;

static void read_words(void) {
  FILE *file = fopen("/words.txt", "r");
  if (!file) infernet_fail("words.txt is not among the model's files");
  while (known < WORDS_MAX && fscanf(file, "%31s %lf", words[known].word, &words[known].weight) == 2) known++;
  fclose(file);
}

static double weigh(const char *word) {
  for (int i = 0; i < known; i++)
    if (strcmp(words[i].word, word) == 0) return words[i].weight;
  return 0;
}

static double score(char *text) {
  double sum = 0;
  for (char *word = strtok(text, " .,!?\n"); word; word = strtok(NULL, " .,!?\n")) sum += weigh(word);
  return sum;
}

int main(void) {
  read_words();
  uint32_t rows = infernet_rows(1);
  infernet_tensor text = infernet_read();
  infernet_tensor out = {INFERNET_FP64, 1, {rows}, rows * 8, calloc(rows, 8)};
  const unsigned char *at = text.data;
  for (uint32_t row = 0; row < rows; row++) {
    uint32_t bytes;
    memcpy(&bytes, at, 4);
    char *copy = calloc(bytes + 1, 1);
    memcpy(copy, at + 4, bytes);
    ((double *)out.data)[row] = score(copy);
    at += 4 + bytes;
  }
  infernet_answer(rows, 1);
  infernet_write(&out);
  return 0;
}
