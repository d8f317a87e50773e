/* Edges of grey images (Sobel), and how bright each image is. */
#include "infernet.h"

INFERNET_TENSORS("input images\noutput edges\noutput brightness\n")

static float at(const uint8_t *image, int width, int height, int x, int y) {
  if (x < 0 || y < 0 || x >= width || y >= height) return 0;
  return image[y * width + x];
}

static float gradient(const uint8_t *image, int w, int h, int x, int y) {
  float across = at(image, w, h, x + 1, y - 1) + 2 * at(image, w, h, x + 1, y) + at(image, w, h, x + 1, y + 1)
               - at(image, w, h, x - 1, y - 1) - 2 * at(image, w, h, x - 1, y) - at(image, w, h, x - 1, y + 1);
  float down = at(image, w, h, x - 1, y + 1) + 2 * at(image, w, h, x, y + 1) + at(image, w, h, x + 1, y + 1)
             - at(image, w, h, x - 1, y - 1) - 2 * at(image, w, h, x, y - 1) - at(image, w, h, x + 1, y - 1);
  return __builtin_sqrtf(across * across + down * down);
}

INFERNET_EXPORT("infernet_run")
int infernet_run(uint32_t rows, const infernet_tensor *inputs, infernet_tensor *outputs) {
  const uint8_t *images = inputs[0].data;
  int height = inputs[0].shape[1], width = inputs[0].shape[2], pixels = width * height;
  if (inputs[0].datatype != INFERNET_UINT8) INFERNET_FAIL("images must be UINT8");
  float *edges = infernet_output(&outputs[0], rows * pixels * sizeof(float));
  float *brightness = infernet_output(&outputs[1], rows * sizeof(float));
  for (uint32_t row = 0; row < rows; row++) {
    const uint8_t *image = images + row * pixels;
    uint32_t sum = 0;
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++) {
        *edges++ = gradient(image, width, height, x, y);
        sum += image[y * width + x];
      }
    brightness[row] = (float)sum / pixels;
  }
  return 0;
}
