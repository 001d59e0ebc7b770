/** wifi.bss: the BSSs that a capture file shows. The file was made by someone else's radio; nothing is sent. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { z } from "zod";
import { fault } from "../../classify.ts";
import type { Fault, Found, ManyProbe, ProbeContext, Target } from "../probe.ts";
import { BssTable } from "./bss.ts";
import { CaptureError } from "./cursor.ts";
import { decodeFrame } from "./frame.ts";
import { type CaptureDecoder, isPcap, type Packet, PcapDecoder } from "./pcap.ts";
import { isPcapng, PcapngDecoder } from "./pcapng.ts";
import { radioFrame } from "./radiotap.ts";

const options = z.object({
  /** Most bytes read of one file. */
  maxBytes: z
    .int()
    .min(1_024)
    .default(256 * 2 ** 20),
  /** Most packets looked at in one file. */
  maxPackets: z.int().min(1).default(2_000_000),
  /** SSIDs or BSSIDs in the radio scope; empty: all. Other networks are counted and not told. */
  radioScope: z.array(z.string().min(1)).max(1_000).default([]),
});
export type WifiBssOptions = z.infer<typeof options>;

export const wifiBss: ManyProbe<"wifi.bss", WifiBssOptions> = {
  id: "wifi.bss",
  version: 1,
  transport: "capture",
  port: 0,
  tier: "passive",
  deadlineMs: 60_000,
  options: options as z.ZodType<WifiBssOptions>,
  runMany: readCapture,
};

interface Tally {
  packets: number;
  foreign: number;
  malformed: number;
}

async function readCapture(
  target: Target,
  { maxBytes, maxPackets, radioScope }: WifiBssOptions,
  cx: ProbeContext,
): Promise<{ found: readonly Found<"wifi.bss">[]; fault?: Fault }> {
  const table = new BssTable();
  const tally: Tally = { packets: 0, foreign: 0, malformed: 0 };
  const problem = await readFile(target.address, maxBytes, cx, (packet) => {
    tally.packets += 1;
    look(packet, table, tally);
    return tally.packets < maxPackets;
  });
  cx.note("capture", { ...tally, overflow: table.overflow });
  const scope = new Set(radioScope.flatMap((name) => [name, name.toLowerCase()]));
  const found = table.found((bssid, ssid) => scope.size === 0 || scope.has(bssid) || scope.has(ssid));
  return problem === undefined ? { found } : { found, fault: problem };
}

/** A malformed frame is refused whole: half of it would be guessed. */
function look(packet: Packet, table: BssTable, tally: Tally): void {
  try {
    const radio = radioFrame(packet);
    if (radio === undefined) {
      tally.foreign += 1;
      return;
    }
    const frame = decodeFrame(radio.bytes);
    if (frame !== undefined) table.add(frame, radio.bytes, radio.signalDbm);
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    tally.malformed += 1;
  }
}

/** Hands on each packet until `take` returns false. What was read before a fault stays. */
async function readFile(path: string, maxBytes: number, cx: ProbeContext, take: (packet: Packet) => boolean): Promise<Fault | undefined> {
  try {
    // A pipe or a device would never end.
    if (!(await stat(path)).isFile()) return fault("request", "resource", "The capture is not a regular file.");
    let decoder: CaptureDecoder | undefined;
    let read = 0;
    for await (const chunk of createReadStream(path, { signal: cx.signal, highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
      decoder ??= decoderFor(chunk);
      for (const packet of decoder.push(chunk))
        if (!take(packet)) return fault("decode", "too-large", "The capture holds more packets than are read.");
      read += chunk.length;
      if (read > maxBytes) return fault("decode", "too-large", "The capture is larger than is read.");
    }
    if (decoder === undefined) return fault("decode", "malformed", "The capture is empty.");
    return decoder.atBoundary ? undefined : fault("decode", "closed", "The capture ends in the middle of a packet.");
  } catch (error) {
    if (error instanceof CaptureError) return fault("decode", "malformed", "The capture is neither pcap nor pcapng, or is broken.", error);
    if (cx.signal.aborted) return fault("decode", "timeout");
    if (error instanceof Error && "code" in error) return fault("request", "resource", "The capture cannot be read.", error);
    throw error;
  }
}

/** @throws CaptureError */
function decoderFor(start: Uint8Array): CaptureDecoder {
  if (isPcap(start)) return new PcapDecoder();
  if (isPcapng(start)) return new PcapngDecoder();
  throw new CaptureError("neither pcap nor pcapng");
}
