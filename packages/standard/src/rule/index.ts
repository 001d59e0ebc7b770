/** Every rule there is, by clause. Adding one is adding a line. */
import { rule as declaredServices } from "./5.2.2.1.ts";
import { rule as secureChannel } from "./5.3.1.1.ts";
import { rule as certificate } from "./5.3.1.2.ts";
import { rule as strongCipher } from "./5.3.1.3.ts";
import { rule as debugService } from "./5.3.2.2.ts";
import { rule as wpsPin } from "./5.3.3.1.ts";
import { rule as wifiProtection } from "./5.3.3.2.ts";
import { rule as dot1x } from "./5.3.3.4.ts";
import { rule as videoAccess } from "./5.5.1.1.ts";
import type { Rule } from "./rule.ts";

export const RULES: ReadonlyMap<string, Rule> = new Map(
  [declaredServices, secureChannel, certificate, strongCipher, debugService, wpsPin, wifiProtection, dot1x, videoAccess].map((rule) => [
    rule.clause,
    rule,
  ]),
);
