/** The producer as a process that faults can strike, on a disk of its own: a small tmpfs where this user may mount one. */
import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { enrollAgent } from "@vedette/agent";
import { mountSmallDisk, unmountSmallDisk, type World, waitFor } from "../kit/index.ts";
import { COPY_MARKS, type Journal, readJournal } from "./journal.ts";

const PROGRAM = fileURLToPath(new URL("./producer.ts", import.meta.url));
const DISK_MIB = 8;
const SPEAK_MS = 20_000;

export interface ProducerStatus {
  readonly depth: number;
  /** Since the outbox file was made: not taken, and given up. */
  readonly refused: number;
  readonly dropped: number;
  readonly epoch: string;
  /** Last one produced. */
  readonly mark: number;
  /** Of this process: epochs begun because the centre asked, outbox files set aside. */
  readonly renewed: number;
  readonly damaged: number;
  readonly isPaused: boolean;
  readonly skewMs: number;
  /** As measured; absent before the first exchange with the centre. */
  readonly offsetMs?: number;
}

export class ChaosAgent {
  /** Its data folder. */
  readonly disk: string;
  /** True where the disk is small enough to be filled. */
  readonly isSmall: boolean;
  readonly #journals: string[];
  readonly #firstMark: number;
  #child: ChildProcess | null = null;
  #status: ProducerStatus | null = null;
  #skewMs = 0;

  private constructor(disk: string, journal: string, isSmall: boolean, firstMark = 1) {
    this.disk = disk;
    this.#journals = [journal];
    this.isSmall = isSmall;
    this.#firstMark = firstMark;
  }

  static async enroll(world: World): Promise<ChaosAgent> {
    const disk = join(world.folder, "agent");
    await mkdir(disk, { mode: 0o700 });
    const isSmall = await mountSmallDisk(disk, DISK_MIB);
    await enrollAgent({ token: world.agentToken, data: disk, logger: world.logger });
    return new ChaosAgent(disk, join(world.folder, "journal"), isSmall);
  }

  get outbox(): string {
    return join(this.disk, "outbox.sqlite");
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** With that of every copy. */
  get journal(): Journal {
    return readJournal(...this.#journals);
  }

  get skewMs(): number {
    return this.#skewMs;
  }

  /** Of the process that runs now; null before it has said anything. */
  get status(): ProducerStatus | null {
    return this.#status;
  }

  start(): void {
    const args = [
      "--disable-warning=ExperimentalWarning",
      PROGRAM,
      this.disk,
      this.#journals[0] ?? "",
      String(this.#skewMs),
      String(this.#firstMark),
    ];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#status = null;
    createInterface({ input: child.stdout }).on("line", (line) => {
      // The NATS client prints of its own accord.
      if (this.#child === child && line.startsWith("{")) this.#status = JSON.parse(line) as ProducerStatus;
    });
    child.stdin.on("error", () => undefined);
    this.#child = child;
  }

  /** Resolves with the first status for which the condition holds. @throws where none comes in time */
  async says(what: string, condition: (status: ProducerStatus) => boolean = () => true, timeoutMs = SPEAK_MS): Promise<ProducerStatus> {
    return waitFor(what, () => (this.#status !== null && condition(this.#status) ? this.#status : null), timeoutMs, 100);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  order(line: "pause" | "go" | "mess" | "order" | "fat" | "lean"): void {
    this.#child?.stdin?.write(`${line}\n`);
  }

  /** Steps the wall clock, for this process and those that come after it. */
  step(ms: number): void {
    this.#skewMs += ms;
    this.#child?.stdin?.write(`skew ${this.#skewMs}\n`);
  }

  /** No more appends, and everything receipted. @throws where it does not drain in time */
  async drain(timeoutMs: number): Promise<void> {
    this.order("pause");
    await this.says("the outbox is drained", ({ isPaused, depth }) => isPaused && depth === 0, timeoutMs);
  }

  /** Copies the whole disk while the agent does not run. */
  async image(to: string): Promise<void> {
    await rm(to, { recursive: true, force: true });
    await cp(this.disk, to, { recursive: true });
  }

  /** Another agent from an image of this one's disk. */
  async copy(image: string, disk: string): Promise<ChaosAgent> {
    await cp(image, disk, { recursive: true });
    const journal = `${disk}.journal`;
    const copy = new ChaosAgent(disk, journal, false, this.#journals.length * COPY_MARKS + 1);
    copy.#skewMs = this.#skewMs;
    this.#journals.push(journal);
    return copy;
  }

  /** The disk as the image holds it, and nothing else. */
  async putBack(image: string): Promise<void> {
    for (const name of await readdir(this.disk)) await rm(join(this.disk, name), { recursive: true, force: true });
    await cp(image, this.disk, { recursive: true });
  }

  async close(): Promise<void> {
    await this.kill();
    if (this.isSmall) await unmountSmallDisk(this.disk);
  }
}
