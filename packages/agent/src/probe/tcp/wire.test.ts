import { describe, expect, test } from "vitest";
import { portsOf, sweepPorts } from "./port-list.ts";
import { readFirstBytes } from "./wire.ts";

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
});

test("no list holds a port that is never touched", () => {
  for (const list of ["presence", "guard", "common", "full"] as const) expect(portsOf(list)).not.toContain(9100);
  expect(sweepPorts().length).toBeLessThan(65_535);
});
