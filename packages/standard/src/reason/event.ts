/** Sentences of what happened beside verdicts, by `change` code. */
import type { Templates } from "./template.ts";

export const EVENT_TEMPLATES: Templates = {
  "device-appeared": ["A new device appeared at {address}.", "{address} 出現新裝置。"],
  "device-vanished": ["The device at {address} no longer answers.", "{address} 的裝置已無回應。"],
  "device-returned": ["The device answers again at {address}.", "裝置於 {address} 恢復回應。"],
  "device-moved": [
    "The device moved from {from} to {to}; it is the same one by its {identifier} {value}.",
    "裝置由 {from} 移至 {to}；依 {identifier} {value} 判定為同一裝置。",
  ],
  "device-merged": [
    "Two records are one device: {from} joined {to} by the {identifier} {value}.",
    "兩筆紀錄為同一裝置：{from} 依 {identifier} {value} 併入 {to}。",
  ],
  "device-split": [
    "One record was two devices: {to} was taken out of {from}. {reason}",
    "一筆紀錄實為兩台裝置：{to} 自 {from} 分出。{reason}",
  ],
  "device-replaced": ["Another device stands in the place of {from}: {to}.", "{from} 的位置已換成另一裝置：{to}。"],
  "service-opened": ["{service} opened.", "{service} 已開啟。"],
  "service-closed": ["{service} closed.", "{service} 已關閉。"],
  "service-changed": ["{endpoint} answers differently: {from}, now {to}.", "{endpoint} 的回應改變：{from}，現為 {to}。"],
  "certificate-changed": ["The certificate on {endpoint} changed from {from} to {to}.", "{endpoint} 的憑證由 {from} 變更為 {to}。"],
  "firmware-changed": ["The firmware changed from {from} to {to}.", "韌體由 {from} 變更為 {to}。"],
};

/** Names of identifiers, as in the collector's Identifier.kind. */
export const IDENTIFIER_NAMES: Templates = {
  mac: ["MAC address", "MAC 位址"],
  serial: ["serial number", "序號"],
  uuid: ["UUID", "UUID"],
  "engine-id": ["SNMP engine id", "SNMP engine ID"],
  "if-mac": ["interface MAC address", "介面 MAC 位址"],
  key: ["key", "金鑰"],
  "mdns-instance": ["mDNS name", "mDNS 名稱"],
  "host-name": ["host name", "主機名稱"],
  address: ["address", "位址"],
};

export const STATUS_NAMES: Templates = {
  pass: ["pass", "符合"],
  fail: ["fail", "不符合"],
  unknown: ["unknown", "未知"],
  notchecked: ["not checked", "未檢查"],
  notapplicable: ["not applicable", "不適用"],
  error: ["error", "錯誤"],
};
