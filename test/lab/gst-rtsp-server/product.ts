/** GStreamer's RTSP server through Debian's Python bindings: a stream open to all, and one behind Digest authentication. */
import { join } from "node:path";
import type { Product } from "../product.ts";
import { ready, start } from "../program.ts";
import { output } from "../tls/program.ts";
import digest from "./expected-digest.json" with { type: "json" };
import open from "./expected-open.json" with { type: "json" };

/** Debian's own: another one in PATH does not see Debian's bindings. */
const PYTHON = "/usr/bin/python3";
const SERVER = join(import.meta.dirname, "server.py");

async function hasBindings(): Promise<boolean> {
  const use = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer";
  try {
    await output(PYTHON, ["-c", use]);
    return true;
  } catch {
    process.stderr.write(
      "skipped where needed: gst-rtsp-server's Python bindings (gir1.2-gst-rtsp-server-1.0, python3-gi) are not installed\n",
    );
    return false;
  }
}

export const rtspOpen: Product = {
  name: "rtsp-open",
  address: "198.18.0.17",
  programs: [PYTHON],
  isUsable: hasBindings,
  expected: open,
  start: (host) => ready(start(host, PYTHON, [SERVER, "554", "/live"]), ["tcp/554"]),
};

export const rtspDigest: Product = {
  name: "rtsp-digest",
  address: "198.18.0.18",
  programs: [PYTHON],
  isUsable: hasBindings,
  expected: digest,
  start: (host) => ready(start(host, PYTHON, [SERVER, "554", "/live", "viewer", "not-asked-for", "Lab camera 18"]), ["tcp/554"]),
};
