/** The application over documents in memory; its store answers nothing, so it is for what comes before any read. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { createControlContext } from "../../control/context.ts";
import { memoryLog } from "../../document/testing/memory.ts";
import { loadOrMakeKeys } from "../../keys/load.ts";
import { Lockout } from "../../service/session/lockout.ts";
import { Sessions } from "../../service/session/sessions.ts";
import type { Store } from "../../store/index.ts";
import type { ApiContext } from "../context.ts";

export interface MemoryApi {
  readonly cx: ApiContext;
  stop(): Promise<void>;
}

const store: Store = {
  database: "none",
  query: async () => [],
  async *stream() {},
  insert: async () => undefined,
  insertValues: async () => undefined,
  command: async () => undefined,
  delete: async () => undefined,
  ready: async () => true,
  close: async () => undefined,
};

export async function memoryApi(): Promise<MemoryApi> {
  const folder = await mkdtemp(join(tmpdir(), "vedette-api-"));
  const keys = await loadOrMakeKeys(join(folder, "keys"), { mayMake: true, now: Date.now() });
  const log = await memoryLog(Date.now);
  const { tasks, presence } = createControlContext({ keys, log, now: Date.now, natsUrls: [], onAgent: () => undefined });
  return {
    cx: {
      store,
      services: { keys, log, now: Date.now, grpc: "127.0.0.1:1", tasks, presence },
      signIn: { keys, log, now: Date.now, sessions: new Sessions(Date.now), lockout: new Lockout(Date.now) },
      buckets: 64,
      onRead: () => undefined,
      logger: pino({ level: "silent" }),
      metrics: async () => ({ contentType: "text/plain", text: "# EOF\n" }),
      notReady: async () => [],
    },
    async stop() {
      await log.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
