/** A camera that speaks ONVIF: Debian has no program that does. */
import { join } from "node:path";
import type { Product } from "../product.ts";
import { ready, start } from "../program.ts";
import expected from "./expected.json" with { type: "json" };

export const onvif: Product = {
  name: "onvif",
  address: "198.18.0.22",
  programs: [],
  expected,
  start: (host) =>
    ready(start(host, process.execPath, [join(import.meta.dirname, "device.ts"), host.address]), ["udp/3702", "tcp/80", "tcp/8000"]),
};
