/** The part of node-ssdp 4 that the tests use; the package ships no types. */
declare module "node-ssdp" {
  import type { Socket } from "node:dgram";
  import type { EventEmitter } from "node:events";

  export class Client extends EventEmitter {
    constructor(options?: { explicitSocketBind?: boolean });
    /** Set before the first search, else it takes the host's real interfaces. */
    sockets: Record<string, Socket> | null;
    search(target: string): Promise<void>;
    stop(): void;
  }
}
