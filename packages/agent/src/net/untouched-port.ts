/** TCP and UDP ports that are never touched, in any scope: printers print what they are sent, controllers may act on it. */
import { EXCLUDED_PORTS } from "@vedette/standard/registry";

export const UNTOUCHED_TCP_PORTS: ReadonlySet<number> = new Set(EXCLUDED_PORTS);
