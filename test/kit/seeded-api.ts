/** The API over a real stack: two tenants, t and u, each with the sites s1 and s2, each site with one device. */
import type { ApiContext } from "@vedette/collector/src/api/context.ts";
import { buildApi } from "@vedette/collector/src/api/server.ts";
import { busOf, openConnection } from "@vedette/collector/src/bus/connection.ts";
import { createControlContext } from "@vedette/collector/src/control/context.ts";
import type { Grant } from "@vedette/collector/src/document/kinds.ts";
import { DocumentLog } from "@vedette/collector/src/document/log.ts";
import { DocumentView } from "@vedette/collector/src/document/view.ts";
import { documentStream } from "@vedette/collector/src/log/document-stream.ts";
import { ensureLogStream } from "@vedette/collector/src/log/stream.ts";
import { systemActor } from "@vedette/collector/src/service/actor.ts";
import { VERBS } from "@vedette/collector/src/service/index.ts";
import { Lockout } from "@vedette/collector/src/service/session/lockout.ts";
import { Sessions } from "@vedette/collector/src/service/session/sessions.ts";
import { perform, type ServiceContext } from "@vedette/collector/src/service/verb.ts";
import { documentStore } from "@vedette/collector/src/store/document.ts";
import { BUCKETS, insertSite } from "./seeded-rows.ts";
import { startTestStack, type TestStack } from "./stack.ts";

export const TENANTS = ["t", "u"] as const;
export const SITES = ["s1", "s2"] as const;

export interface SeededApi {
  readonly cx: ApiContext;
  readonly app: Awaited<ReturnType<typeof buildApi>>;
  readonly stack: TestStack;
  readonly services: ServiceContext;
  /** What went wrong behind the scenes: must stay empty. */
  readonly faults: readonly unknown[];
  /** An API token of the tenant. */
  token(tenant: string, grants: readonly Grant[]): Promise<string>;
  stop(): Promise<void>;
}

/** `console`: a folder with built pages. */
export async function startSeededApi(o: { readonly console?: string } = {}): Promise<SeededApi> {
  const stack = await startTestStack({ tenants: [...TENANTS] });
  const { keys, logger } = stack;
  const centre = await openConnection({ url: stack.natsUrls[0], user: await keys.nats.centreUser("test"), name: "centre", logger });
  const bus = await busOf(centre);
  await ensureLogStream(bus);
  const faults: unknown[] = [];
  const log = new DocumentLog({
    stream: documentStream(bus),
    store: documentStore(stack.store),
    view: new DocumentView(),
    now: Date.now,
    onFault: (error) => faults.push(error),
  });
  await log.start();
  const { tasks, presence } = createControlContext({ keys, log, now: Date.now, natsUrls: [], onAgent: () => undefined });
  const services: ServiceContext = { keys, log, now: Date.now, grpc: "127.0.0.1:1", tasks, presence };
  for (const tenant of TENANTS) {
    await perform(VERBS.createTenant, services, systemActor(tenant), { id: tenant, name: tenant });
    for (const site of SITES) {
      await perform(VERBS.createSite, services, systemActor(tenant), { id: site, name: site });
      await insertSite(stack.store, { tenant, site });
    }
  }
  const cx: ApiContext = {
    store: stack.store,
    services,
    signIn: { keys, log, now: Date.now, sessions: new Sessions(Date.now), lockout: new Lockout(Date.now) },
    buckets: BUCKETS,
    onRead: () => undefined,
    logger,
    metrics: async () => ({ contentType: "text/plain", text: "# EOF\n" }),
    notReady: async () => [],
  };
  const app = await buildApi(cx, o.console);
  return {
    cx,
    app,
    stack,
    services,
    faults,
    async token(tenant, grants) {
      return (await perform(VERBS.createToken, services, systemActor(tenant), { name: "test", grants })).token;
    },
    async stop() {
      await app.close();
      await log.stop();
      await centre.close();
      await stack.stop();
    },
  };
}
