import { afterEach, expect, it, vi } from "vitest";
import { CHATKIT_URL, loadChatKit } from "../src/chat/loadChatKit";

afterEach(() => document.head.replaceChildren());

const added = () => document.head.querySelector("script") as HTMLScriptElement;

it("loads ChatKit from OpenAI, and its own chat only when that fails or is late", async () => {
  vi.spyOn(document.head, "append").mockImplementation((...nodes) => {
    document.head.appendChild(Object.assign(nodes[0] as HTMLScriptElement, { type: "text/x" }));
  });
  const fallback = vi.fn(async () => "fallback-chatkit");

  const failing = loadChatKit(fallback);
  expect(added().src).toBe(CHATKIT_URL);
  added().onerror?.(new Event("error"));
  expect(await failing).toEqual({ kind: "fallback", tag: "fallback-chatkit", quiet: false });
  expect(fallback).toHaveBeenCalledTimes(1);
  expect(added()).toBeNull();

  expect(await loadChatKit(fallback, { timeoutMs: 10 })).toMatchObject({ kind: "fallback" });
  expect(await loadChatKit(fallback, { forced: true })).toMatchObject({ kind: "fallback" });
  expect(fallback).toHaveBeenCalledTimes(3);

  const good = loadChatKit(fallback);
  customElements.define("openai-chatkit", class extends HTMLElement {});
  expect(await good).toEqual({ kind: "cdn", tag: "openai-chatkit", quiet: true });
  expect(await loadChatKit(fallback, { forced: true })).toMatchObject({ kind: "fallback" });
  expect(fallback).toHaveBeenCalledTimes(4);
});

it("does without a fallback that cannot be loaded either", async () => {
  const known = vi.spyOn(customElements, "get").mockReturnValue(undefined);
  const broken = () => Promise.reject<string>(new Error("offline"));
  await expect(loadChatKit(broken, { forced: true })).rejects.toThrow("offline");
  known.mockRestore();
});
