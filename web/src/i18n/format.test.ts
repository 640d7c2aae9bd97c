// Moments and days are those of a place, not of whoever reads them.
import { expect, it } from "vitest";
import { fullDate, moment, today } from "./format";
import { speak } from "./language";

it("tells a moment by the clock it is meant for", () => {
  speak("en");

  expect(moment("2027-05-10T08:00:00Z", "Indian/Reunion")).toBe("10 May 2027 at 12:00");
  expect(moment("2027-05-10T08:00:00Z", "America/Martinique")).toBe("10 May 2027 at 04:00");
});

it("begins and ends the day where the administration is", () => {
  const late = new Date("2027-05-10T22:30:00Z");

  expect(today("Indian/Reunion", late)).toBe("2027-05-11");
  expect(today("America/Martinique", late)).toBe("2027-05-10");
});

it("shows what is no date as it was written", () => {
  expect(fullDate("2027-13-45")).toBe("2027-13-45");
});
