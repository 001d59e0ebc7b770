/** A device's side of multicast on loopback: hears a group and speaks from its own address. */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";

export interface Speaker {
  readonly address: string;
  /** Sends to the group from the speaker's own address. */
  say(bytes: Uint8Array | string): Promise<void>;
  /** Sends to one peer. */
  tell(bytes: Uint8Array | string, to: { address: string; port: number }): void;
  close(): void;
}

export interface Group {
  readonly address: string;
  readonly port: number;
}

/** `heard` gets what others send to the group. */
export async function speaker(
  address: string,
  group: Group,
  heard: (bytes: Buffer, from: RemoteInfo) => void = () => undefined,
): Promise<Speaker> {
  const ear = createSocket({ type: "udp4", reuseAddr: true }).bind(group.port, group.address);
  const mouth: Socket = createSocket({ type: "udp4", reuseAddr: true }).bind(group.port, address);
  await Promise.all([once(ear, "listening"), once(mouth, "listening")]);
  ear.addMembership(group.address, address);
  ear.on("message", (bytes, from) => {
    if (from.address !== address) heard(bytes, from);
  });
  mouth.on("message", (bytes, from) => heard(bytes, from));
  mouth.setMulticastInterface(address);
  return {
    address,
    say: (bytes) =>
      new Promise((resolve, reject) => {
        mouth.send(bytes, group.port, group.address, (error) => (error ? reject(error) : resolve()));
      }),
    tell: (bytes, to) => mouth.send(bytes, to.port, to.address),
    close() {
      ear.close();
      mouth.close();
    },
  };
}
