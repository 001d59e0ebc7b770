/** A report in a few lines for the person at the terminal, in either language. Pure. */
import type { Text } from "@vedette/standard";
import type { AuditReport, Grade, Membership } from "./types.ts";

export type Language = keyof Text;
export const LANGUAGES: readonly Language[] = ["en", "zh-TW"];

const MEMBERSHIP: Readonly<Record<Membership, Text>> = {
  in: { en: "counted", "zh-TW": "列入計算" },
  environment: { en: "environment", "zh-TW": "環境設備" },
  out: { en: "not part of the site", "zh-TW": "不屬於場域" },
  undecided: { en: "undecided", "zh-TW": "未決定" },
};

function grade(g: Grade): string {
  return g === null ? "–" : String(g);
}

function levelLine({ audit, level }: AuditReport): Text {
  const { proven, possible, observable } = level;
  const beside = level.devices.out + level.devices.environment + level.devices.undecided;
  return {
    en: `Site ${audit.site}: ${level.devices.in} devices count, ${beside} stand beside. Level proven ${grade(proven)}, still possible ${grade(possible)}, observable ${grade(observable.level)} (${observable.checked} of ${observable.of} checked).`,
    "zh-TW": `場域 ${audit.site}：${level.devices.in} 台設備列入計算，另有 ${beside} 台。已證實等級 ${grade(proven)}，仍可能等級 ${grade(possible)}，可觀察等級 ${grade(observable.level)}（已檢查 ${observable.checked}／${observable.of}）。`,
  };
}

function deviceLine(d: AuditReport["devices"][number]): Text {
  const { possible } = d.assessment.level;
  const place = d.addresses[0] ?? "";
  const failing = d.assessment.verdicts.filter((v) => v.status === "fail").map((v) => v.clause);
  const found: Text =
    failing.length === 0
      ? { en: "nothing fails", "zh-TW": "無不符合項目" }
      : { en: `fails ${failing.join(", ")}`, "zh-TW": `不符合 ${failing.join("、")}` };
  const kind = MEMBERSHIP[d.membership];
  return {
    en: `  ${place.padEnd(15)} ${d.name} (${kind.en}): possible ${grade(possible)}, ${found.en}`,
    "zh-TW": `  ${place.padEnd(15)} ${d.name}（${kind["zh-TW"]}）：可能等級 ${grade(possible)}，${found["zh-TW"]}`,
  };
}

function bssLine(b: AuditReport["bss"][number]): Text {
  const told = b.verdicts.map((v) => `${v.clause} ${v.status}`);
  return { en: `  ${b.bssid} "${b.ssid}": ${told.join(", ")}`, "zh-TW": `  ${b.bssid}「${b.ssid}」：${told.join("、")}` };
}

function gapLines({ notLookedAt: gap }: AuditReport): Text[] {
  const lines: Text[] = [
    {
      en: `Not looked at: ${gap.silentAddresses.length} silent addresses, ${gap.addressesNotSearched} not searched, ${gap.untouchedTcpPorts.length} TCP ports never touched, tiers ${gap.tiers.join(" and ") || "none"}${gap.fullSweep ? "" : "; of other TCP ports only the usual ones were tried (--full-sweep)"}.`,
      "zh-TW": `未檢查：${gap.silentAddresses.length} 個無回應位址，${gap.addressesNotSearched} 個未搜尋位址，${gap.untouchedTcpPorts.length} 個從不接觸的 TCP 埠，層級 ${gap.tiers.join("、") || "無"}${gap.fullSweep ? "" : "；其餘 TCP 埠僅檢查常用埠（--full-sweep）"}。`,
    },
  ];
  if (gap.cutShort)
    lines.push({
      en: "The audit was ended before every look was taken: what is missing is unknown, not clean.",
      "zh-TW": "稽核在完成所有檢查之前結束：缺少的部分為未知，不代表沒有問題。",
    });
  return lines;
}

export function summaryLines(report: AuditReport, language: Language): string[] {
  const all = [levelLine(report), ...report.devices.map(deviceLine), ...report.bss.map(bssLine), ...gapLines(report)];
  return all.map((text) => text[language]);
}
