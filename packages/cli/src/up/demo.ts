/** The simulated site as a child of `vedette up --demo`, and what the demo writes at its first start. */
import { join } from "node:path";
import { type CollectorConfigInput, demoPolicy } from "@vedette/collector";
import { z } from "zod";
import { CHECKOUT } from "../checkout.ts";
import { cannot } from "../exit.ts";
import { type ProgramChild, startProgram } from "./child.ts";

const Ready = z.object({
  ready: z.literal(true),
  captures: z.array(z.string()),
  excludePorts: z.array(z.number()),
  portHints: z.array(z.object({ transport: z.enum(["tcp", "udp"]), port: z.number(), protocol: z.string() })),
  radioScope: z.array(z.string()),
  profiles: z.array(
    z.object({
      id: z.string(),
      match: z.object({ vendor: z.string(), model: z.string() }),
      services: z.array(z.string()),
      wired: z.boolean(),
    }),
  ),
});

export interface SimulatedSite extends ProgramChild {
  readonly captures: readonly string[];
  readonly excludePorts: readonly number[];
  readonly portHints: z.infer<typeof Ready>["portHints"];
  readonly radioScope: readonly string[];
  readonly profiles: z.infer<typeof Ready>["profiles"];
}

export const SITE_PROGRAM = join(CHECKOUT, "test/site/main.ts");

export async function startSimulatedSite(o: {
  readonly bind: string;
  readonly data: string;
  readonly drift?: { readonly delayMs: number; readonly everyMs: number };
}): Promise<SimulatedSite> {
  if (process.platform !== "linux")
    throw cannot("the simulated site needs Linux, where every address of 127.0.0.0/8 is there; use --scope with a site of your own");
  const drift = o.drift ? ["--delay-ms", String(o.drift.delayMs), "--every-ms", String(o.drift.everyMs)] : [];
  const child = await startProgram({
    name: "the simulated site",
    program: SITE_PROGRAM,
    args: ["--bind", o.bind, "--data", o.data, ...drift],
    readyMs: 20_000,
  });
  const parsed = Ready.safeParse(child.ready);
  if (!parsed.success) {
    await child.stop();
    throw cannot("the simulated site said something that this version does not understand");
  }
  const { ready: _, ...site } = parsed.data;
  return { ...child, ...site };
}

type FirstStart = Partial<NonNullable<CollectorConfigInput["firstStart"]>>;

/** Ports on which the machine itself answers at every loopback address would be seen at every persona: they are left out. */
export function demoFirstStart(site: SimulatedSite, bind: string): FirstStart {
  const { version: _, ...policy } = demoPolicy();
  const known = ["http", "https", "rtsp", "rtsps", "telnet", "snmp"] as const;
  return {
    tenantName: "Demo",
    siteName: "Simulated site",
    policy: {
      ...policy,
      scope: [bind],
      excludePorts: [...site.excludePorts],
      radioScope: [...site.radioScope],
      portHints: site.portHints.flatMap((h) => {
        const protocol = known.find((k) => k === h.protocol);
        return protocol === undefined ? [] : [{ transport: h.transport, port: h.port, protocol }];
      }),
    },
    profiles: site.profiles.map((p) => ({ ...p })),
  };
}
