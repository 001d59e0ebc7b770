import { expect, test } from "vitest";
import { bytesOf, hexOf, isText, textOf } from "./hex.ts";

test("a dump has offsets, bytes and text", () => {
  expect(hexOf(bytesOf("FgMDAFhIVFRQ"))).toBe("00000000  16 03 03 00 58 48 54 54 50                       ....XHTTP");
  expect(hexOf(new Uint8Array(17)).split("\n")[1]).toMatch(/^00000010 {2}00 /);
});

test("what is no base64 gives no bytes", () => {
  expect(bytesOf("§§")).toEqual(new Uint8Array());
});

test("text keeps its lines and shows its control characters", () => {
  const bytes = new TextEncoder().encode("HTTP/1.1 200 OK\r\nServer: a\u0000b\r\n");
  expect(isText(bytes)).toBe(true);
  expect(textOf(bytes)).toBe("HTTP/1.1 200 OK\nServer: a·b\n");
  expect(isText(Uint8Array.of(0x16, 3, 3, 0, 0x58, 2))).toBe(false);
});
