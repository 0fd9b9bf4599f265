import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Micros, micros } from "../../src/core/base/time.js";
import { Calendar } from "../../src/daemon/calendar.js";

const NOON = Date.UTC(2026, 0, 2, 12);

describe("a calendar", () => {
  let now: Micros;
  let calendar: Calendar;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOON });
    now = micros(5_000_000);
    calendar = new Calendar(() => now);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("dates moments before and after now", () => {
    expect(calendar.date(5_000_000)).toBe("2026-01-02T12:00:00.000Z");
    expect(calendar.date(4_000_000)).toBe("2026-01-02T11:59:59.000Z");
    expect(calendar.date(5_250_000)).toBe("2026-01-02T12:00:00.250Z");
  });

  test("gives a moment the same date again, though the two clocks are not read at once", () => {
    const first = calendar.date(4_000_000);
    for (let later = 1; later < 10_000; later += 37) {
      now = micros(5_000_000 + later * 1_000 + (later % 900));
      vi.setSystemTime(NOON + later + (later % 3));
      expect(calendar.date(4_000_000)).toBe(first);
    }
  });

  test("follows a wall clock that is set", () => {
    calendar.date(4_000_000);
    vi.setSystemTime(NOON - 3_600_000);
    expect(calendar.date(4_000_000)).toBe("2026-01-02T10:59:59.000Z");
  });
});
