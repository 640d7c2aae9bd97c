// Dates, hours and durations as people of the page's language write them.
import { language } from "./language";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function format(at: string | Date, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(language.value === "fr" ? "fr-FR" : "en-GB", options).format(new Date(at));
}

/** 14:05 */
export function hour(at: string): string {
  return format(at, { hour: "2-digit", minute: "2-digit" });
}

/** Monday 23 November */
export function day(at: string, now: Date = new Date()): string {
  const isThisYear = new Date(at).getFullYear() === now.getFullYear();
  return format(at, { weekday: "long", day: "numeric", month: "long", ...(isThisYear ? {} : { year: "numeric" }) });
}

/** 23 November 2026 at 14:05; by the clock of *timeZone*, else of the browser. */
export function moment(at: string, timeZone?: string): string {
  return format(at, { dateStyle: "long", timeStyle: "short", timeZone });
}

/** 2026-11-23, where *timeZone* is. */
export function today(timeZone: string, now: Date = new Date()): string {
  // Swedish dates are written as ISO 8601 has them.
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone }).format(now);
}

/** 23 November 2026, of a date without an hour: 2026-11-23 */
export function fullDate(date: string): string {
  const noon = new Date(`${date}T12:00`);
  // What stood in a file may be no date at all.
  return Number.isNaN(noon.getTime()) ? date : format(noon, { dateStyle: "long" });
}

/** Monday; 0 is the first day of the week. */
export function weekday(day: number): string {
  // 5 January 1970 was a Monday.
  return format(new Date(1970, 0, 5 + day), { weekday: "long" });
}

/** 14:05 today, 23 Nov this year, 23/11/2025 before. */
export function brief(at: string, now: Date = new Date()): string {
  const date = new Date(at);
  if (date.toDateString() === now.toDateString()) return hour(at);
  if (date.getFullYear() === now.getFullYear()) return format(at, { day: "numeric", month: "short" });
  return format(at, { dateStyle: "short" });
}

/** 68 kB; 3.4 MB */
export function fileSize(bytes: number): string {
  const [value, name] = bytes < 1e6 ? [Math.ceil(bytes / 1e3), "kilobyte"] : [bytes / 1e6, "megabyte"];
  return new Intl.NumberFormat(language.value === "fr" ? "fr-FR" : "en-GB", {
    style: "unit",
    unit: name,
    maximumFractionDigits: 1,
  }).format(value);
}

/** A running timer: 0:07, 12:30, 1:05:09; beyond a day, days. */
export function timer(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const rest = String(whole % MINUTE).padStart(2, "0");
  if (whole >= DAY) return duration(whole);
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)}:${rest}`;
  return `${Math.floor(whole / HOUR)}:${String(Math.floor((whole % HOUR) / MINUTE)).padStart(2, "0")}:${rest}`;
}

/** A duration in its largest unit: 40 sec, 3 min, 2 h, 5 days. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE) return unit(whole, "second");
  if (whole < HOUR) return unit(Math.round(whole / MINUTE), "minute");
  if (whole < DAY) return unit(Math.round(whole / HOUR), "hour");
  return unit(Math.round(whole / DAY), "day");
}

function unit(value: number, name: "second" | "minute" | "hour" | "day"): string {
  return new Intl.NumberFormat(language.value, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
}

/** 1st, 2nd, 3rd; 1er, 2e, 3e. */
export function ordinal(n: number): string {
  if (language.value === "fr") return n === 1 ? "1er" : `${n}e`;
  const suffixes = { one: "st", two: "nd", few: "rd", other: "th", zero: "th", many: "th" };
  return `${n}${suffixes[new Intl.PluralRules("en", { type: "ordinal" }).select(n)]}`;
}

/** +33 1 44 55 66 77 for a French number; others as they are. */
export function phoneNumber(number: string): string {
  const french = /^\+33(\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(number);
  return french ? `+33\u00a0${french.slice(1).join("\u00a0")}` : number;
}

/** 1,234.5; with one digit after the point at most. */
export function count(value: number): string {
  return new Intl.NumberFormat(language.value === "fr" ? "fr-FR" : "en-GB", { maximumFractionDigits: 1 }).format(value);
}

/** 12.5 % of 0.125 */
export function percent(share: number): string {
  const how = { style: "percent", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(language.value === "fr" ? "fr-FR" : "en-GB", how).format(share);
}
