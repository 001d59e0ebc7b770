/** TAICS TS-0014-1 v2 (2021-02-04), "Cybersecurity standard for video surveillance system, Part 1", in our own words. 54 clauses. */
import type { Clause, Text } from "../types.ts";
import { AUTHENTICATION } from "./authentication.ts";
import { text } from "./clause.ts";
import { COMMUNICATION } from "./communication.ts";
import { PHYSICAL } from "./physical.ts";
import { PRIVACY } from "./privacy.ts";
import { SYSTEM } from "./system.ts";

export const STANDARD = {
  id: "ts-0014-1@2",
  publisher: "TAICS",
  number: "TS-0014-1",
  version: "2.0",
  published: "2021-02-04",
  title: text([
    "Cybersecurity standard for video surveillance system, Part 1: General requirements",
    "影像監控系統資安標準－第一部：一般要求",
  ]),
} as const;

/** In the order of the standard. */
export const CLAUSES: readonly Clause[] = [...PHYSICAL, ...SYSTEM, ...COMMUNICATION, ...AUTHENTICATION, ...PRIVACY];

const BY_ID: ReadonlyMap<string, Clause> = new Map(CLAUSES.map((c) => [c.id, c]));

export function clauseById(id: string): Clause | null {
  return BY_ID.get(id) ?? null;
}

/** Numbers that Annex D still names although v2 has no text for them. */
export const WITHDRAWN: readonly { readonly id: string; readonly note: Text; readonly references: readonly string[] }[] = [
  {
    id: "5.2.7.4",
    note: text([
      "Annex D maps it to OWASP IoT I8 (notify end users of security events); version 2 has no clause of this number.",
      "附錄 D 將其對應至 OWASP IoT I8（通知使用者安全事件）；第 2 版本文並無此條。",
    ]),
    references: ["I8"],
  },
];

export const ERRATA: readonly { readonly at: string; readonly note: Text }[] = [
  {
    at: "Annex C",
    note: text([
      "Annex C speaks of the version of Wi-Fi Protected Setup; what it describes is Wi-Fi Protected Access, and it is read so.",
      "附錄 C 稱「Wi-Fi 保護設置」版本，其內容實指「Wi-Fi 保護存取」，依此解讀。",
    ]),
  },
  {
    at: "Table 1",
    note: text([
      "Table 1 names sub-item 5.2.6 after the control program's application; the text of 5.2.6 is about the ONVIF interface, whose title is used.",
      "表 1 將 5.2.6 稱為「操控程式之應用程式安全」，本文則為 ONVIF 應用程式介面，採本文標題。",
    ]),
  },
  {
    at: "Annex D",
    note: text([
      "Annex D names 5.5.1.3, which version 2 does not have; its row fits 5.5.1.2 and is shown there.",
      "附錄 D 所列 5.5.1.3 於第 2 版不存在；其內容符合 5.5.1.2，故列於該條。",
    ]),
  },
];
