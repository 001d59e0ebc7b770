import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { portsOf, sweepPorts } from "./port-list.ts";
import { rangesOf } from "./range.ts";
import { MAX_FIRST_BYTES, readFirstBytes } from "./wire.ts";

const read = (text: string) => readFirstBytes(Buffer.from(text, "latin1"));

describe("first bytes", () => {
  test.each([
    ["SSH-2.0-dropbear_2020.81\r\n", "ssh", "SSH-2.0-dropbear_2020.81"],
    ["\xff\xfd\x01\xff\xfd\x1f\xff\xfb\x01\xff\xfb\x03\r\n(none) login: ", "telnet", "(none) login:"],
    ["\r\nDVR login: ", "telnet", "DVR login:"],
    ["\xff\xfb\x03\xff\xfb\x01", "telnet", ""],
    ["\xff\xfb\x03\xff\xfe\x01\r\nOpen On-Chip Debugger\r\n\r> ", "openocd", "Open On-Chip Debugger"],
    [
      "\xff\xfb\x01\r\n\r\nBusyBox v1.20.2 (2016-09-06) built-in shell (ash)\r\n# ",
      "shell",
      "BusyBox v1.20.2 (2016-09-06) built-in shell (ash)",
    ],
    ["root@camera:/# ", "shell", "root@camera:/#"],
    ["220 (vsFTPd 3.0.3)\r\n", "ftp", "220 (vsFTPd 3.0.3)"],
    ["RFB 003.008\n", "vnc", "RFB 003.008"],
    ["$T05thread:01;#07", "gdb", "$T05thread:01;#07"],
    ["\x15\x03\x01\x00\x02\x02\x28", "tls-alert", ""],
    ["+OK ready", "", "+OK ready"],
    ["", "", ""],
  ])("%j", (text, protocol, banner) => {
    expect(read(text)).toMatchObject({ protocol, banner });
  });

  test("a date in the greeting does not make two looks differ", () => {
    const one = read("220 cam ESMTP Postfix; Tue, 24 Nov 2026 18:00:41 +0000\r\n");
    const two = read("220 cam ESMTP Postfix; Wed, 2 Dec 2026 07:10:02 +0000\r\n");
    expect(one.protocol).toBe("smtp");
    expect(one.banner).toBe(two.banner);
    expect(one.volatile).toBe(true);
  });

  test("an ADB header is known by its magic, not by its letters", () => {
    const header = Buffer.alloc(24);
    header.write("AUTH");
    expect(readFirstBytes(header).protocol).toBe("");
    header.writeUInt32LE((0x48545541 ^ 0xffffffff) >>> 0, 20);
    expect(readFirstBytes(header).protocol).toBe("adb");
  });

  test("any bytes give a greeting of printable ASCII", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: MAX_FIRST_BYTES + 20 }), (bytes) => {
        const { banner } = readFirstBytes(bytes);
        expect(banner).toMatch(/^[\x20-\x7e]{0,128}$/);
      }),
      { numRuns: 1000 },
    );
  });

  test("text that looks like telnet, with its options cut anywhere, stays within bounds", () => {
    const parts = fc.constantFrom(
      "\xff",
      "\xff\xfa",
      "\xff\xf0",
      "\xff\xfb\x01",
      "login: ",
      "\r\n",
      "$",
      "#",
      "BusyBox",
      " > ",
      "12:00:01 ",
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 120 }), (text) => {
        const { banner } = read(text.join(""));
        expect(banner.length).toBeLessThanOrEqual(128);
      }),
      { numRuns: 1000 },
    );
  });
});

test("ranges are sorted, disjoint and hold exactly the ports", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 200 })), (ports) => {
      const ranges = rangesOf(ports);
      const back = ranges.flatMap((r) => Array.from({ length: r.last - r.first + 1 }, (_, i) => r.first + i));
      expect(back).toEqual([...ports].sort((a, b) => a - b));
      for (const [i, r] of ranges.entries()) if (i > 0) expect(r.first).toBeGreaterThan((ranges[i - 1]?.last ?? 0) + 1);
    }),
    { numRuns: 1000 },
  );
});

test("no list holds a port that is never touched", () => {
  for (const list of ["presence", "guard", "common", "full"] as const) expect(portsOf(list)).not.toContain(9100);
  expect(sweepPorts().length).toBeLessThan(65_535);
});
