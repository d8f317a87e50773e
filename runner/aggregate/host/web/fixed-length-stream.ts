/** `FixedLengthStream` of the Workers platform: fails when other than `bytes` bytes go through it. */
export class FixedLengthStream extends TransformStream<Uint8Array, Uint8Array> {
  constructor(bytes: number) {
    let left = bytes;
    super({
      transform(chunk, controller) {
        left -= chunk.byteLength;
        if (left < 0) throw new TypeError(`more than the ${bytes} bytes of a FixedLengthStream were written`);
        controller.enqueue(chunk);
      },
      flush() {
        if (left > 0) throw new TypeError(`a FixedLengthStream of ${bytes} bytes ended ${left} bytes early`);
      },
    });
  }
}
