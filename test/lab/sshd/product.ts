/** OpenSSH's server with a key made for the run. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Product } from "../product.ts";
import { ready, start } from "../program.ts";
import { output } from "../tls/program.ts";
import expected from "./expected.json" with { type: "json" };

export const sshd: Product = {
  name: "sshd",
  address: "198.18.0.16",
  programs: ["sshd", "ssh-keygen"],
  expected,
  async start(host, folder) {
    const at = (name: string) => join(folder, name);
    await output("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at("key")]);
    await writeFile(
      at("sshd_config"),
      `Port 22\nListenAddress ${host.address}\nHostKey ${at("key")}\nPidFile none\nUsePAM no\nVersionAddendum lab\n`,
    );
    // Called by its whole path: it starts itself anew for each connection.
    const view = { empty: ["/run"], folders: ["/run/sshd"] };
    return ready(start(host, "/usr/sbin/sshd", ["-D", "-e", "-f", at("sshd_config")], { view }), ["tcp/22"]);
  },
};
