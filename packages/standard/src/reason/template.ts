/** Sentences with {placeholders}, filled from parameters; a [part in brackets] stands only where each of its placeholders is given. */
import type { Parameters, Text } from "../types.ts";

export type Templates = Readonly<Record<string, readonly [en: string, zhTw: string]>>;
type Language = keyof Text;

/** Words for parameter values that are ours: parts of rules, classes of device. Everything else is shown as it is. */
const WORDS: Readonly<Record<string, Readonly<Record<string, readonly [en: string, zhTw: string]>>>> = {
  part: {
    http: ["HTTP", "HTTP"],
    telnet: ["Telnet", "Telnet"],
    ftp: ["FTP", "FTP"],
    snmp: ["SNMP", "SNMP"],
    tls: ["TLS", "TLS"],
    certificate: ["certificate", "憑證"],
    debug: ["debug services", "除錯服務"],
    services: ["network services", "網路服務"],
    wps: ["WPS", "WPS"],
    bss: ["Wi-Fi", "Wi-Fi"],
    rtsp: ["RTSP streams", "RTSP 串流"],
    snapshot: ["snapshot addresses", "快照位址"],
    recording: ["recordings search", "錄影查詢"],
  },
  identifier: {
    mac: ["MAC address", "MAC 位址"],
    serial: ["serial number", "序號"],
    uuid: ["UUID", "UUID"],
    "engine-id": ["SNMP engine id", "SNMP engine ID"],
    "if-mac": ["interface MAC address", "介面 MAC 位址"],
    key: ["key", "金鑰"],
    "mdns-instance": ["mDNS name", "mDNS 名稱"],
    "host-name": ["host name", "主機名稱"],
    address: ["address", "位址"],
  },
  media: {
    video: ["video", "影像"],
    audio: ["audio", "聲音"],
    application: ["metadata", "中繼資料"],
  },
  protocol: {
    telnet: ["Telnet", "Telnet"],
    ssh: ["SSH", "SSH"],
    ftp: ["FTP", "FTP"],
    adb: ["the Android debug bridge", "Android 除錯橋接（ADB）"],
    gdb: ["a GDB server", "GDB 伺服器"],
    openocd: ["OpenOCD", "OpenOCD"],
    shell: ["a command shell", "命令列"],
  },
  expected: {
    telnet: ["Telnet", "Telnet"],
    gdb: ["a GDB server", "GDB 伺服器"],
    openocd: ["OpenOCD", "OpenOCD"],
    adb: ["the Android debug bridge", "Android 除錯橋接（ADB）"],
    serial: ["a serial port over TCP", "TCP 序列埠"],
    console: ["a vendor console", "廠商主控台"],
  },
  gap: {
    size: ["its outbox was full", "待送佇列已滿"],
    age: ["it was too old", "已逾保存期限"],
    "disk-full": ["its disk was full", "磁碟已滿"],
    damaged: ["its outbox was damaged", "待送佇列檔案損毀"],
  },
  class: {
    camera: ["camera", "攝影機"],
    recorder: ["recorder", "錄影機"],
    nas: ["network storage", "網路儲存裝置"],
    encoder: ["encoder", "編碼器"],
    switch: ["switch", "交換器"],
    "access-point": ["access point", "無線存取點"],
    router: ["router", "路由器"],
    vms: ["video management system", "影像管理系統"],
    workstation: ["workstation", "工作站"],
    printer: ["printer", "印表機"],
    phone: ["phone", "電話"],
    other: ["device of unknown class", "類別不明的裝置"],
  },
};

/** What stands where nothing is given. */
const NOTHING: Readonly<Record<string, readonly [en: string, zhTw: string]>> = {
  endpoints: ["the device", "此裝置"],
  services: ["none", "無"],
};

/** A SHA-256 fingerprint in hex: its beginning tells two apart to the eye; the evidence holds it whole. */
const FINGERPRINT = /^[0-9a-f]{64}$/;
const FINGERPRINT_SHOWN = 16;

const PLACEHOLDER = /\{([a-zA-Z0-9]+)\}/g;
const OPTIONAL = /\[([^\]]*)\]/g;

function isEmpty(value: Parameters[string] | undefined): boolean {
  return value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

function show(key: string, value: Parameters[string] | undefined, lang: Language): string {
  const pick = (pair: readonly [string, string]) => pair[lang === "en" ? 0 : 1];
  if (value === undefined || isEmpty(value)) return pick(NOTHING[key] ?? ["(not told)", "（未提供）"]);
  const word = (one: string | number | boolean): string => {
    const named = Object.entries(WORDS[key] ?? {}).find(([name]) => name === one);
    if (named !== undefined) return pick(named[1]);
    return typeof one === "string" && FINGERPRINT.test(one) ? `${one.slice(0, FINGERPRINT_SHOWN)}…` : String(one);
  };
  return typeof value === "object" ? value.map(word).join(lang === "en" ? ", " : "、") : word(value);
}

export function fill(template: readonly [en: string, zhTw: string], parameters: Parameters): Text {
  const given = (key: string) => (Object.hasOwn(parameters, key) ? parameters[key] : undefined);
  const one = (lang: Language, sentence: string) =>
    sentence
      .replace(OPTIONAL, (_, part: string) => ([...part.matchAll(PLACEHOLDER)].some(([, key]) => isEmpty(given(key ?? ""))) ? "" : part))
      .replace(PLACEHOLDER, (_, key: string) => show(key, given(key), lang));
  return { en: one("en", template[0]), "zh-TW": one("zh-TW", template[1]) };
}
