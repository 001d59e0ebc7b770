/** Where this program stands, and how it starts itself again. */
import { join, resolve } from "node:path";

export const CHECKOUT = resolve(import.meta.dirname, "../../..");
export const PROGRAM = join(import.meta.dirname, "main.ts");
