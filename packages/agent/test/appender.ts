/** Appends to an outbox so many times, or for as long as it lives, and writes each seq to stdout after its commit. */
import { writeSync } from "node:fs";
import { Outcome } from "@vedette/proto";
import { createDiskOutbox } from "../src/outbox/disk.ts";
import { RANK } from "../src/outbox/outbox.ts";

const [path, appends = "Infinity"] = process.argv.slice(2);
if (path === undefined) throw new Error("usage: appender.ts OUTBOX [APPENDS]");
const outbox = createDiskOutbox({ path, now: Date.now });
for (let i = 0; i < Number(appends); i++) {
  const entries = Array.from({ length: 1 + (i % 3) }, (_, n) => ({
    look: `look-${n}`,
    rank: RANK.change,
    draft: { probe: "http.root", interface: "lo", evidence: [{ label: "fill", content: new Uint8Array(600) }] },
    told: { outcome: Outcome.IDENTIFIED, fault: "", reportedAtMs: 0, repeats: 1 },
  }));
  writeSync(1, `${outbox.append(entries).join("\n")}\n`);
}
