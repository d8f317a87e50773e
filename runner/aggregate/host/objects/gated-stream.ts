import { passGate, type RunningObject } from "../current-object.ts";

/** A stream that an object answers with: each chunk leaves after what the object wrote before is on disk. */
export function gateStream(
  stream: ReadableStream<Uint8Array>,
  object: RunningObject,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  let isOver = false;
  const end = (): void => {
    if (!isOver) object.leave();
    isOver = true;
  };
  object.enter();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await object.run(() => reader.read());
          await passGate(object);
          if (!done) return controller.enqueue(value);
          end();
          controller.close();
        } catch (error) {
          end();
          throw error;
        }
      },
      cancel(reason) {
        end();
        return object.run(() => reader.cancel(reason));
      },
    },
    { highWaterMark: 0 },
  );
}
