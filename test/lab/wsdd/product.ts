/** wsdd: announces a host to Windows by WS-Discovery, as storage devices do. Its answer to a Probe names no address; a Resolve must ask for it. */
import type { Product } from "../product.ts";
import { ready, start } from "../program.ts";
import expected from "./expected.json" with { type: "json" };

const UUID = "5f1c1d6e-7b0a-5a52-9a3c-0200c6120015";

export const wsdd: Product = {
  name: "wsdd",
  address: "198.18.0.21",
  programs: ["wsdd"],
  expected,
  async start(host) {
    const running = start(host, "wsdd", [
      "--ipv4only",
      "--interface",
      "eth0",
      "--uuid",
      UUID,
      "--hostname",
      "lab-nas",
      "--workgroup",
      "lab",
    ]);
    return ready(running, ["udp/3702", "tcp/5357"]);
  },
};
