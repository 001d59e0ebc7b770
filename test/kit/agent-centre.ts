/** What an agent needs of a centre: enrolment, a policy, a broker, and ingest into ClickHouse. Control and ingest run in this process. */
import { createControlContext } from "@vedette/collector/src/control/context.ts";
import { demoPolicy } from "@vedette/collector/src/control/policy.ts";
import { ControlServer } from "@vedette/collector/src/control/server.ts";
import type { ControlContext } from "@vedette/collector/src/control/types.ts";
import { memoryLog } from "@vedette/collector/src/document/testing/memory.ts";
import { Ingest } from "@vedette/collector/src/ingest/index.ts";
import { systemActor } from "@vedette/collector/src/service/actor.ts";
import { createEnrolment } from "@vedette/collector/src/service/enrolment/create.ts";
import { setPolicy } from "@vedette/collector/src/service/policy/set.ts";
import { createSite } from "@vedette/collector/src/service/site/create.ts";
import { createTenant } from "@vedette/collector/src/service/tenant/create.ts";
import { perform, type ServiceContext } from "@vedette/collector/src/service/verb.ts";
import { startTestStack, type TestStack } from "./stack.ts";

export type SitePolicy = Omit<ReturnType<typeof demoPolicy>, "version">;

export interface AgentCentre {
  readonly tenant: string;
  readonly site: string;
  readonly stack: TestStack;
  readonly control: ControlContext;
  /** A single-use enrolment token. */
  token(): Promise<string>;
  setPolicy(policy: SitePolicy): Promise<void>;
  /** Stores what the broker holds and what comes, and sends receipts; it does so from the start. */
  startIngest(): Promise<void>;
  stopIngest(): Promise<void>;
  stop(): Promise<void>;
}

/** @param policy default: the demo's */
export async function startAgentCentre(policy: SitePolicy = demoPolicy()): Promise<AgentCentre> {
  const [tenant, site] = ["demo", "site-1"];
  const actor = systemActor(tenant);
  const stack = await startTestStack({ tenants: [tenant] });
  const { keys } = stack;
  const log = await memoryLog(Date.now);
  const cx = createControlContext({ keys, log, now: Date.now, natsUrls: stack.natsUrls, onAgent: () => undefined });
  const server = await ControlServer.start({
    cx,
    host: "127.0.0.1",
    port: 0,
    names: ["127.0.0.1"],
    onFault: (err) => stack.logger.error({ err }),
  });
  const { tasks, presence } = cx;
  const services: ServiceContext = { keys, log, now: Date.now, grpc: `127.0.0.1:${server.port}`, tasks, presence };
  const put = async ({ version: _, ...body }: SitePolicy & { version?: number }) => {
    await perform(setPolicy, services, actor, { site, policy: body });
  };
  await perform(createTenant, services, actor, { id: tenant, name: "Demo" });
  await perform(createSite, services, actor, { id: site, name: "Site" });
  await put(policy);
  let ingest: Ingest | undefined;
  const startIngest = async () => {
    ingest = new Ingest({ store: stack.store, logger: stack.logger });
    await ingest.addTenant(tenant, await stack.connectTenant(tenant));
  };
  const stopIngest = async () => {
    await ingest?.stop(1000);
    ingest = undefined;
  };
  await startIngest();
  return {
    tenant,
    site,
    stack,
    control: cx,
    token: async () => (await perform(createEnrolment, services, actor, { site })).token,
    setPolicy: put,
    startIngest,
    stopIngest,
    async stop() {
      await stopIngest();
      await server.stop();
      await log.stop();
      await stack.stop();
    },
  };
}
