/** "Probe this now": tasks that wait for an agent to ask. In memory: a task that nobody fetched within minutes is stale anyway. */
import { newId } from "../document/id.ts";
import type { AgentIdentity } from "../keys/authority.ts";

export interface TaskRequest {
  readonly probe: string;
  readonly subject: { readonly address: string; readonly transport: "tcp" | "udp" | ""; readonly port: number };
}

export interface Task extends TaskRequest {
  readonly id: string;
}

const MAX_WAITING = 200;
const LIFETIME_MS = 10 * 60_000;

interface Queue {
  readonly tasks: { readonly task: Task; readonly until: number }[];
  readonly waiting: Set<() => void>;
}

export class TaskQueues {
  readonly #now: () => number;
  readonly #queues = new Map<string, Queue>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The task's id; null where too many wait already. The same probe of the same subject waits once. */
  push(agent: AgentIdentity, request: TaskRequest): string | null {
    const queue = this.#queue(agent);
    const same = queue.tasks.find(({ task }) => task.probe === request.probe && sameSubject(task.subject, request.subject));
    if (same !== undefined) return same.task.id;
    if (queue.tasks.length >= MAX_WAITING) return null;
    const task = { ...request, id: newId("task") };
    queue.tasks.push({ task, until: this.#now() + LIFETIME_MS });
    for (const wake of queue.waiting) wake();
    return task.id;
  }

  /** The next task, waiting for one until `signal` aborts; null then. */
  async next(agent: AgentIdentity, signal: AbortSignal): Promise<Task | null> {
    const queue = this.#queue(agent);
    while (!signal.aborted) {
      for (let entry = queue.tasks.shift(); entry !== undefined; entry = queue.tasks.shift()) {
        if (entry.until > this.#now()) return entry.task;
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          queue.waiting.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        queue.waiting.add(wake);
        signal.addEventListener("abort", wake, { once: true });
      });
    }
    return null;
  }

  #queue(agent: AgentIdentity): Queue {
    const key = `${agent.tenant}/${agent.site}/${agent.agent}`;
    const queue = this.#queues.get(key) ?? { tasks: [], waiting: new Set() };
    this.#queues.set(key, queue);
    return queue;
  }
}

function sameSubject(a: TaskRequest["subject"], b: TaskRequest["subject"]): boolean {
  return a.address === b.address && a.transport === b.transport && a.port === b.port;
}
