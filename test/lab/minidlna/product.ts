/** MiniDLNA: a UPnP media server, as recorders and storage devices carry one. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Product } from "../product.ts";
import { ready, start } from "../program.ts";
import expected from "./expected.json" with { type: "json" };

export const minidlna: Product = {
  name: "minidlna",
  address: "198.18.0.13",
  programs: ["minidlnad"],
  expected,
  async start(host, folder) {
    const at = (name: string) => join(folder, name);
    for (const name of ["media", "state", "log"]) await mkdir(at(name));
    await writeFile(
      at("minidlna.conf"),
      [
        "network_interface=eth0",
        "port=8200",
        `media_dir=${at("media")}`,
        `db_dir=${at("state")}`,
        `log_dir=${at("log")}`,
        `minissdpdsocket=${at("minissdpd.sock")}`,
        "friendly_name=Lab recorder",
        "model_name=LR-16",
        "model_number=1.4",
        "serial=LR16000042",
        "uuid=4d696e69-444c-164e-9d41-0200c612000d",
        "inotify=no",
        "notify_interval=30",
        "",
      ].join("\n"),
    );
    // It listens at 1900 for searches only after it has found that no minissdpd does.
    return ready(start(host, "minidlnad", ["-d", "-f", at("minidlna.conf"), "-P", at("pid")]), ["tcp/8200", "udp/1900"]);
  },
};
