// Addresses in messages become links; nothing else can.
import { describe, expect, it } from "vitest";
import { parts } from "./linked";

const links = (text: string) => parts(text).flatMap(({ href }) => href ?? []);

describe("parts", () => {
  it("loses nothing of the text", () => {
    const text = "Voir https://a.example/x, puis http://b.example.";
    expect(
      parts(text)
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
  });

  it("leaves the sentence's punctuation outside the address", () => {
    expect(links("Voir https://a.example/x?y=1.")).toEqual(["https://a.example/x?y=1"]);
    expect(links("(https://a.example/x)")).toEqual(["https://a.example/x"]);
    expect(links("https://a.example/x_(y)")).toEqual(["https://a.example/x_(y)"]);
  });

  it("links http and https only", () => {
    expect(links("javascript:alert(1) data:text/html,x ftp://a.example file:///etc")).toEqual([]);
  });

  it("never lets an address contain markup", () => {
    expect(links('https://a.example/"><script>')).toEqual(["https://a.example/"]);
  });
});
