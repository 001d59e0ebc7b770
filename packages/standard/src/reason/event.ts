/** Sentences of what happened beside verdicts, by `change` code. */
import type { Templates } from "./template.ts";

export const EVENT_TEMPLATES: Templates = {
  "device-appeared": ["A new device appeared at {address}.", "{address} 出現新裝置。"],
  "device-vanished": ["The device at {address} no longer answers.", "{address} 的裝置已無回應。"],
  "device-returned": ["The device answers again at {address}.", "裝置於 {address} 恢復回應。"],
  "device-moved": [
    "The device moved from {from} to {to}[; it is the same one by its {identifier} {value}].",
    "裝置由 {from} 移至 {to}[；依{identifier} {value} 判定為同一裝置]。",
  ],
  "device-merged": [
    "Two records are one device: {from} joined {to}[ by the {identifier} {value}].",
    "兩筆紀錄為同一裝置：{from} [依{identifier} {value} ]併入 {to}。",
  ],
  "device-split": [
    "One record was two devices: {to} was taken out of {from}[ ({reason})].",
    "一筆紀錄實為兩台裝置：{to} 自 {from} 分出[（{reason}）]。",
  ],
  "device-replaced": ["Another device stands in the place of {from}: {to}.", "{from} 的位置已換成另一裝置：{to}。"],
  "service-opened": ["{endpoint}[ ({protocol})] opened.", "{endpoint}[（{protocol}）] 已開啟。"],
  "service-closed": ["{endpoint}[ ({protocol})] closed.", "{endpoint}[（{protocol}）] 已關閉。"],
  "certificate-changed": ["The certificate on {endpoint} changed[ from {from}] to {to}.", "{endpoint} 的憑證[由 {from} ]變更為 {to}。"],
  "certificate-expiring": ["The certificate on {endpoint} expires at {notAfter}.", "{endpoint} 的憑證將於 {notAfter} 到期。"],
  "community-default": ["SNMP answers to the default community “{community}”.", "SNMP 對預設社群字串「{community}」有回應。"],
  "evidence-expired": [
    "What {probe} found is too old to rely on: it was last confirmed at {confirmedAt}.",
    "{probe} 的結果最後於 {confirmedAt} 確認，已逾期而不足採信。",
  ],
  "agent-silent": ["The agent {agent} has been silent since {since}.", "代理程式 {agent} 自 {since} 起無訊息。"],
  "agent-returned": [
    "The agent {agent} is heard again after its silence since {since}.",
    "代理程式 {agent} 自 {since} 起無訊息，現已恢復。",
  ],
  "agent-gap": [
    "The agent {agent} could not keep everything that it saw ({gap}): {changes} changes, {outcomes} other looks and {confirmations} confirmations are known to be lost.",
    "代理程式 {agent} 未能保存全部觀測（{gap}）：已知遺失 {changes} 筆變更、{outcomes} 筆其他觀測、{confirmations} 筆確認。",
  ],
  "agent-cloned": ["Two agents report as {agent}.", "有兩個代理程式以 {agent} 名義回報。"],
  "sweep-corrected": [
    "What was shown of this site did not follow from what is stored: {rows} rows were corrected.",
    "此場域先前顯示的內容與已儲存的紀錄不符：已更正 {rows} 筆。",
  ],
  "event-withdrawn": [
    "What was told of {at} is withdrawn: evidence that came later says otherwise.",
    "{at} 的通報已撤回：較晚送達的證據與其不符。",
  ],
};

export const STATUS_NAMES: Templates = {
  pass: ["pass", "符合"],
  fail: ["fail", "不符合"],
  unknown: ["unknown", "未知"],
  notchecked: ["not checked", "未檢查"],
  notapplicable: ["not applicable", "不適用"],
  error: ["error", "錯誤"],
};
