/** The part of multicast-dns 7 that the site uses; the package ships no types. */
declare module "multicast-dns" {
  import type { EventEmitter } from "node:events";

  namespace multicastDns {
    type Record =
      | { name: string; type: "A"; ttl: number; flush?: boolean; data: string }
      | { name: string; type: "PTR"; ttl: number; data: string }
      | {
          name: string;
          type: "SRV";
          ttl: number;
          flush?: boolean;
          data: { port: number; target: string; priority?: number; weight?: number };
        }
      | { name: string; type: "TXT"; ttl: number; flush?: boolean; data: readonly (string | Uint8Array)[] };
    interface Question {
      name: string;
      type: string;
      class?: string;
    }
    interface Packet {
      id?: number;
      questions: Question[];
      answers: Record[];
    }
    interface Peer {
      address: string;
      port: number;
    }
    interface Options {
      bind?: string;
      interface?: string;
      port?: number;
      reuseAddr?: boolean;
      loopback?: boolean;
      multicast?: boolean;
    }
    interface Instance extends EventEmitter {
      respond(
        packet: { id?: number; questions?: Question[]; answers: readonly Record[]; additionals?: readonly Record[] },
        peer?: Peer | null,
        done?: (error?: Error | null) => void,
      ): void;
      query(questions: readonly Question[], done?: (error?: Error | null) => void): void;
      destroy(done?: () => void): void;
    }
  }
  function multicastDns(options?: multicastDns.Options): multicastDns.Instance;
  export = multicastDns;
}
