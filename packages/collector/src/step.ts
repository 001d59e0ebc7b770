/** Where a collector stands in its work, for tests that stop one exactly there. */
export const STEPS = ["derive", "publish", "apply", "close", "receipt"] as const;
export type Step = (typeof STEPS)[number];
export type StepPoint = `before ${Step}` | `after ${Step}`;
/** Called at each point, synchronously. */
export type AtStep = (point: StepPoint) => void;
