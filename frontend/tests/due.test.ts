import { describe, expect, it } from "vitest";
import { describeDue, fromInputs, toInputs } from "../src/tasks/due";

// The tests run in Europe/Berlin.
const now = new Date("2026-03-18T12:00:00+01:00");
const words = (due: string) => describeDue(due, now).words;

describe("a due time in words", () => {
  it("is told in the browser's zone", () => {
    expect(words("2026-03-18T16:00:00Z")).toBe("Today 17:00");
  });

  it("names the days around today", () => {
    expect(words("2026-03-19T09:30:00+01:00")).toBe("Tomorrow 09:30");
    expect(words("2026-03-17T09:30:00+01:00")).toBe("Yesterday 09:30");
    expect(words("2026-03-21T09:30:00+01:00")).toBe("Saturday 09:30");
  });

  it("gives a date beyond a week, with the year only where it is another", () => {
    expect(words("2026-04-02T09:30:00+02:00")).toBe("Thu 2 Apr 09:30");
    expect(words("2027-01-02T09:30:00+01:00")).toBe("Sat 2 Jan 2027 09:30");
  });

  it("shows only the day of a task that is due at the end of it", () => {
    expect(words("2026-03-19T23:59:00+01:00")).toBe("Tomorrow");
  });

  it("counts calendar days across the change to summer time", () => {
    const before = new Date("2026-03-28T23:00:00+01:00");
    expect(describeDue("2026-03-29T08:00:00+02:00", before).words).toBe("Tomorrow 08:00");
  });

  it("is overdue once its instant has passed", () => {
    expect(describeDue("2026-03-18T11:59:00+01:00", now)).toMatchObject({
      overdue: true,
      today: true,
    });
    expect(describeDue("2026-03-18T12:01:00+01:00", now).overdue).toBe(false);
  });
});

describe("the inputs for a due time", () => {
  it("show it in the browser's zone, and mean the same instant again", () => {
    const inputs = toInputs("2026-03-19T16:00:00Z");
    expect(inputs).toEqual({ date: "2026-03-19", time: "17:00" });
    expect(fromInputs(inputs.date, inputs.time)).toBe("2026-03-19T16:00:00.000Z");
  });

  it("take a date without a time for the end of the day", () => {
    expect(fromInputs("2026-03-19", "")).toBe("2026-03-19T22:59:00.000Z");
    expect(toInputs("2026-03-19T22:59:00Z")).toEqual({ date: "2026-03-19", time: "" });
  });

  it("clear the due time when there is no date", () => {
    expect(fromInputs("", "17:00")).toBeNull();
    expect(toInputs(null)).toEqual({ date: "", time: "" });
  });
});
