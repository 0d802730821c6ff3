import { describe, expect, it } from "vitest";
import { FrameReader, readFrames } from "../src/chat/sse";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("events cut from bytes", () => {
  it("are whole, wherever the bytes were cut", () => {
    const text = 'data: {"text":"Grüße 👋"}\n\n: beat\n\ndata: 1\ndata: 2\n\n';
    for (const size of [1, 2, 3, 7, 100]) {
      const reader = new FrameReader();
      const all = bytes(text);
      const data: (string | undefined)[] = [];
      for (let at = 0; at < all.length; at += size) {
        data.push(...reader.push(all.slice(at, at + size)).map((frame) => frame.data));
      }
      expect(data).toEqual(['{"text":"Grüße 👋"}', undefined, "1\n2"]);
    }
  });

  it("wait for their blank line", () => {
    const reader = new FrameReader();
    expect(reader.push(bytes("data: half"))).toEqual([]);
    expect(reader.push(bytes("\r\n\r\n"))).toMatchObject([{ data: "half" }]);
  });
});

it("a stream yields its data, and is left when nobody reads on", async () => {
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(bytes("data: x\n\n")),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const data of readFrames(stream)) {
    expect(data).toBe("x");
    break;
  }
  expect(cancelled).toBe(true);
});
