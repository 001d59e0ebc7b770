/** The capture file that a monitor-mode interface beside the access point would write. Link type 127: radiotap. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Bss, managementFrame } from "./frame.ts";

const LINKTYPE_RADIOTAP = 127;
const BEACON_INTERVAL_MS = 102.4;
const CLIENT = "00:00:5e:00:53:ff";

/** Flags, rate, channel and signal (bits 1, 2, 3, 5), little-endian. radiotap.org */
function radiotap(channel: number, signalDbm: number): Buffer {
  const header = Buffer.alloc(15);
  header.writeUInt16LE(header.length, 2);
  header.writeUInt32LE(0x2e, 4);
  header.writeUInt8(0, 8);
  header.writeUInt8(2, 9);
  header.writeUInt16LE(2_407 + channel * 5, 10);
  header.writeUInt16LE(0x00a0, 12);
  header.writeInt8(signalDbm, 14);
  return header;
}

function record(frame: Buffer, atMs: number): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(Math.floor(atMs / 1_000), 0);
  head.writeUInt32LE(Math.floor((atMs % 1_000) * 1_000), 4);
  head.writeUInt32LE(frame.length, 8);
  head.writeUInt32LE(frame.length, 12);
  return Buffer.concat([head, frame]);
}

/** Ten beacons and two probe responses of every BSS, ending at `now`. */
export function capture(list: readonly Bss[], now: number): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(LINKTYPE_RADIOTAP, 20);
  const records: Buffer[] = [head];
  for (let at = 0; at < 12; at += 1) {
    const kind = at === 4 || at === 9 ? "probe-response" : "beacon";
    for (const bss of list) {
      const sentMs = now - (12 - at) * BEACON_INTERVAL_MS;
      const frame = managementFrame(kind, bss, CLIENT, at, BigInt(Math.round(at * BEACON_INTERVAL_MS * 1_000)));
      records.push(record(Buffer.concat([radiotap(bss.form.channel, -48), frame]), sentMs));
    }
  }
  return Buffer.concat(records);
}

/** Replaces the file in one step: a reader sees the old capture or the new one. */
export async function writeCapture(path: string, list: readonly Bss[], now: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.next`, capture(list, now));
  await rename(`${path}.next`, path);
}
