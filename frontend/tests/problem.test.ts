import { describe, expect, it } from "vitest";
import { problemWords, readProblem, whenWords } from "../src/api/problem";
import { problem } from "./support/backend";

const now = new Date("2026-03-18T12:00:00+01:00");
const words = async (response: Response) => problemWords(await readProblem(response), now);

describe("a problem in words", () => {
  it("says when the limit is over, in the browser's zone", async () => {
    const limited = problem(429, "message-limit", { resets_at: "2026-03-18T13:30:00Z" });
    expect(await words(limited)).toMatch(/message limit\. You can write again at (14:30|02:30 PM)/);
  });

  it("counts the seconds of a short wait, from Retry-After if there is nothing else", async () => {
    const limited = problem(429, "message-limit", {}, { "Retry-After": "42" });
    expect(await words(limited)).toContain("You can write again in 42 seconds.");
  });

  it.each([
    [
      "too-many-changes",
      "You have made many changes in a short time. You can make more in 9 seconds.",
    ],
    [
      "out-of-tokens",
      "The assistant's budget for today is used up. You can write again in 9 seconds.",
    ],
    [
      "too-many-at-once",
      "Too many of your answers are being written. You can write again in 9 seconds.",
    ],
    ["one-of-tomorrow", "This was too much at once. You can go on in 9 seconds."],
  ])("says which limit it was: %s", async (code, said) => {
    expect(await words(problem(429, code, {}, { "Retry-After": "9" }))).toBe(said);
  });

  it("tells a busy thread from another conflict", async () => {
    expect(await words(problem(409, "still-answering"))).toContain("still being answered");
    expect(await words(problem(409, "conflict", { detail: "It was changed." }))).toBe(
      "It was changed.",
    );
  });

  it("says nothing of an error's inside", async () => {
    const page = new Response("<h1>Traceback</h1>", { status: 500 });
    expect(await words(page)).toBe("Something went wrong on our side. Try again.");
  });

  it("keeps the fields at fault", async () => {
    const fields = { title: "must not be empty" };
    expect((await readProblem(problem(422, "invalid-fields", { fields }))).fields).toEqual(fields);
  });
});

it("names minutes, and the next day", () => {
  const at = (minutes: number) => whenWords(new Date(now.getTime() + minutes * 60_000), now);
  expect(at(0)).toBe("in 1 second");
  expect(at(1)).toBe("in 60 seconds");
  expect(at(10)).toBe("in 10 minutes");
  expect(at(13 * 60)).toMatch(/^tomorrow at /);
});
