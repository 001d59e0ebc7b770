/** Processes by name, each of which can be killed, stopped and started again. */

export interface Running {
  readonly pid: number;
  readonly exited: Promise<unknown>;
  /** In order. */
  stop(): Promise<unknown>;
}

export interface Part {
  start(): Promise<Running>;
  /** Of the process that does the work where another watches over it, null while it does not run. Default: that of what was started. */
  worker?(): number | null;
}

export interface Processes {
  /** In the order in which they start. */
  readonly parts: readonly string[];
  /** Null while it does not run. */
  pid(part: string): number | null;
  /** Resolves when it is ready; does nothing where it runs already. */
  start(part: string): Promise<void>;
  /** In order. */
  stop(part: string): Promise<void>;
  /** kill -9, and waits until it is gone. */
  kill(part: string): Promise<void>;
}

export interface OwnProcesses extends Processes {
  /** @throws where it does not start */
  add(part: string, own: Part): Promise<void>;
  /** What `start` of the part gave; undefined while it does not run. */
  running(part: string): Running | undefined;
  /** The last one first. */
  stopAll(): Promise<void>;
}

export function noProcesses(): OwnProcesses {
  const known = new Map<string, Part>();
  const parts: string[] = [];
  const running = new Map<string, Running>();
  const pid = (part: string) => (known.get(part)?.worker ?? (() => running.get(part)?.pid ?? null))();
  const start = async (part: string) => {
    if (running.has(part)) return;
    const own = known.get(part);
    if (own === undefined) throw new RangeError(`there is no ${part}`);
    const child = await own.start();
    running.set(part, child);
    void child.exited.then(() => {
      if (running.get(part) === child) running.delete(part);
    });
  };
  const stop = async (part: string) => {
    await running.get(part)?.stop();
    running.delete(part);
  };
  return {
    parts,
    pid,
    start,
    stop,
    async kill(part) {
      const child = running.get(part);
      const target = pid(part);
      if (target !== null) process.kill(target, "SIGKILL");
      await child?.exited;
      running.delete(part);
    },
    add(part, own) {
      known.set(part, own);
      parts.push(part);
      return start(part);
    },
    running: (part) => running.get(part),
    async stopAll() {
      for (const part of parts.toReversed()) await stop(part);
    },
  };
}
