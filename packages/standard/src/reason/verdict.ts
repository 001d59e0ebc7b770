/** Reason codes of verdicts, in both languages. Interpretations I-n: docs/interpretations.md. */
import type { Templates } from "./template.ts";

const COMMON = {
  "evidence-expired": [
    "The evidence of {probe} on {endpoints} expired at {expiredAt}.",
    "{endpoints} 的 {probe} 證據已於 {expiredAt} 逾期。",
  ],
  "part-without-probe": ["Not checked: the part “{part}” has no probe yet.", "未檢查：「{part}」部分尚無對應的探測。"],
  "not-looked-at": ["Not checked: {probe} has not looked at {endpoints}.", "未檢查：{probe} 尚未檢視 {endpoints}。"],
  "endpoint-silent": ["{endpoints} is open but did not answer the probe.", "{endpoints} 已開啟，但未回應探測。"],
  "open-port-unidentified": ["{endpoints} is open and does not tell what it is.", "{endpoints} 已開啟，但無法辨識其服務。"],
  "no-answer": ["Nothing on the device answered.", "裝置上沒有任何回應。"],
  "rule-broke": [
    "Our own check of {rule} broke ({error}); this says nothing about the device.",
    "本系統對 {rule} 的檢查發生錯誤（{error}），與裝置無關。",
  ],
} as const satisfies Templates;

const CHANNEL = {
  "http-cleartext-challenge": [
    "HTTP without TLS on {endpoints} asks for a login ({schemes}).",
    "{endpoints} 的 HTTP 未經 TLS 即要求登入（{schemes}）。",
  ],
  "http-cleartext-login": ["HTTP without TLS on {endpoints} shows a login form.", "{endpoints} 的 HTTP 未經 TLS 即顯示登入表單。"],
  "http-cleartext-page": [
    "HTTP without TLS on {endpoints} serves a page; whether it leads to a login could not be seen (I-4).",
    "{endpoints} 的 HTTP 未經 TLS 提供頁面，無法確認是否導向登入（I-4）。",
  ],
  "telnet-answers": ["Telnet answers on {endpoints}: logins travel in cleartext.", "{endpoints} 有 Telnet 回應：登入資訊以明文傳輸。"],
  "ftp-answers": ["FTP answers on {endpoints}: logins travel in cleartext (I-8).", "{endpoints} 有 FTP 回應：登入資訊以明文傳輸（I-8）。"],
  "snmp-cleartext": [
    "SNMP {version} answers on {endpoints}: its community travels in cleartext.",
    "{endpoints} 有 SNMP {version} 回應：社群字串以明文傳輸。",
  ],
  "tls-version-accepted": ["{versions} is accepted on {endpoints}.", "{endpoints} 接受 {versions}。"],
  "tls-no-forward-secrecy": [
    "{endpoints} accepts no suite with forward secrecy (I-10).",
    "{endpoints} 不接受任何具前向安全的加密套件（I-10）。",
  ],
  "tls-incomplete": ["The look at the suites of {endpoints} did not come to its end.", "{endpoints} 的加密套件檢視未完成。"],
  "tls-version-undetermined": ["Whether {endpoints} refuses {versions} was not determined.", "尚未確認 {endpoints} 是否拒絕 {versions}。"],
  "secure-channels-only": [
    "Every management endpoint found is protected: {endpoints} (I-9).",
    "所有已發現的管理端點皆受保護：{endpoints}（I-9）。",
  ],
  "no-management-endpoint": ["No management endpoint was found at the ports looked at.", "在已檢視的埠上未發現管理端點。"],
  "no-secure-channel": ["No TLS endpoint was found.", "未發現 TLS 端點。"],
  "certificate-none": ["{endpoints} sent no certificate.", "{endpoints} 未提供憑證。"],
  "certificate-malformed": ["The certificate on {endpoints} is malformed: {defect}.", "{endpoints} 的憑證格式錯誤：{defect}。"],
  "certificate-expired": ["The certificate on {endpoints} expired at {notAfter}.", "{endpoints} 的憑證已於 {notAfter} 到期。"],
  "certificate-not-yet-valid": [
    "The certificate on {endpoints} is not valid before {notBefore}.",
    "{endpoints} 的憑證於 {notBefore} 前尚未生效。",
  ],
  "certificate-signature-wrong": [
    "A signature in the certificate chain of {endpoints} does not verify ({subject}).",
    "{endpoints} 憑證鏈中的簽章驗證失敗（{subject}）。",
  ],
  "certificate-undated": ["The validity of the certificate on {endpoints} could not be read.", "無法讀取 {endpoints} 憑證的效期。"],
  "certificate-self-issued": [
    "The certificate on {endpoints} is self-issued, and no trust anchor is declared for it; a pass needs an attestation (I-12).",
    "{endpoints} 的憑證為自簽，且未宣告信任錨；符合須有聲明（I-12）。",
  ],
  "certificate-clean": [
    "The certificate on {endpoints} shows no fault; a pass needs an attestation of what the device checks.",
    "{endpoints} 的憑證未見異常；符合須有裝置驗證行為的聲明。",
  ],
  "aes-256-accepted": ["{endpoints} accepts AES-256 or stronger.", "{endpoints} 接受 AES-256 以上強度的套件。"],
  "no-aes-256": ["{endpoints} accepts no suite of AES-256 or stronger (I-6).", "{endpoints} 不接受 AES-256 以上強度的套件（I-6）。"],
} as const satisfies Templates;

const SERVICE = {
  "debug-answers": [
    "Debug access over the network: {protocol} answers on {endpoints}.",
    "{endpoints} 有 {protocol} 回應：可經網路進入除錯。",
  ],
  "debug-port-unidentified": [
    "{endpoints} is open, where {expected} is usual, and does not tell what it is.",
    "{endpoints} 已開啟（常見為 {expected}），但無法辨識其服務。",
  ],
  "debug-sweep-missing": [
    "None of the {looked} debug ports looked at (of {of}) answers as such; the full sweep is missing.",
    "已檢視的 {looked} 個除錯埠（共 {of} 個）均無除錯回應；尚缺完整掃描。",
  ],
  "no-debug-service": [
    "Every TCP port outside the published exclusion list (9100 and industrial control) was looked at; none gives debug access (I-3, I-11).",
    "公開排除清單（9100 與工控埠）以外的 TCP 埠均已檢視，未發現除錯服務（I-3、I-11）。",
  ],
  "no-declared-profile": ["No declared-service profile. Open now: {services}.", "無服務宣告檔。目前開啟：{services}。"],
  "undeclared-service": ["Open but not declared in {profile}: {services}.", "已開啟但未於 {profile} 宣告：{services}。"],
  "service-sweep-missing": [
    "What is open so far is declared in {profile}; the full sweep is missing.",
    "目前開啟的服務皆已於 {profile} 宣告；尚缺完整掃描。",
  ],
  "declared-services-only": [
    "Every TCP port outside the published exclusion list (9100 and industrial control) was looked at; what is open is declared in {profile} (I-11).",
    "公開排除清單（9100 與工控埠）以外的 TCP 埠均已檢視，開啟的服務皆已於 {profile} 宣告（I-11）。",
  ],
} as const satisfies Templates;

const WIFI = {
  "wifi-not-looked-at": ["Not checked: nobody has looked for the device's Wi-Fi.", "未檢查：尚未檢視此裝置的 Wi-Fi。"],
  "wifi-station-only": [
    "The device has a radio, but no network of its own and no association of it was captured.",
    "裝置具無線功能，但未擷取到其自有網路或連線要求。",
  ],
  "no-radio": [
    "Not applicable: no radio was ever seen, and {profile} says that the device is wired.",
    "不適用：從未發現無線訊號，且 {profile} 載明為有線裝置。",
  ],
  "wps-pin-offered": ["“{ssid}” ({endpoints}) offers a WPS PIN: {methods}.", "「{ssid}」（{endpoints}）提供 WPS PIN：{methods}。"],
  "wps-locked": [
    "“{ssid}” ({endpoints}) says that WPS setup is locked, which access points do when a PIN is attacked.",
    "「{ssid}」（{endpoints}）顯示 WPS 已鎖定，常見於 PIN 遭攻擊時。",
  ],
  "wps-methods-not-told": [
    "“{ssid}” ({endpoints}) has WPS but does not tell its methods.",
    "「{ssid}」（{endpoints}）具 WPS，但未說明其方式。",
  ],
  "wps-beacon-only": [
    "“{ssid}” ({endpoints}) announces WPS; its probe response, which tells the methods, was not captured.",
    "「{ssid}」（{endpoints}）宣告 WPS，但未擷取到載明方式的探測回應。",
  ],
  "wps-half-seen": [
    "“{ssid}” ({endpoints}) shows no WPS so far; beacon and probe response were not both captured.",
    "「{ssid}」（{endpoints}）目前未見 WPS，惟信標與探測回應未齊備。",
  ],
  "wps-pin-off": [
    "{endpoints} offers no WPS PIN; a PIN that is not offered is off (I-1).",
    "{endpoints} 未提供 WPS PIN；未提供即視為關閉（I-1）。",
  ],
  "wifi-open": ["“{ssid}” ({endpoints}) is open: no encryption.", "「{ssid}」（{endpoints}）為開放網路，未加密。"],
  "wifi-wep": ["“{ssid}” ({endpoints}) uses WEP.", "「{ssid}」（{endpoints}）使用 WEP。"],
  "wifi-wpa1": ["“{ssid}” ({endpoints}) uses the first WPA.", "「{ssid}」（{endpoints}）使用第一版 WPA。"],
  "wifi-mixed": ["“{ssid}” ({endpoints}) allows the first WPA beside WPA2.", "「{ssid}」（{endpoints}）同時允許第一版 WPA 與 WPA2。"],
  "wifi-weak-cipher": ["“{ssid}” ({endpoints}) allows {ciphers}.", "「{ssid}」（{endpoints}）允許 {ciphers}。"],
  "wifi-owe": ["“{ssid}” ({endpoints}) encrypts without authentication (OWE).", "「{ssid}」（{endpoints}）有加密但無鑑別（OWE）。"],
  "wifi-cipher-unknown": [
    "“{ssid}” ({endpoints}) names ciphers that we do not know: {ciphers}.",
    "「{ssid}」（{endpoints}）使用無法辨識的加密方式：{ciphers}。",
  ],
  "wifi-cipher-not-told": ["“{ssid}” ({endpoints}) does not tell its ciphers.", "「{ssid}」（{endpoints}）未說明其加密方式。"],
  "wifi-wpa2": ["{endpoints} uses WPA2 or later with AES only.", "{endpoints} 僅使用 WPA2 以上並採 AES 加密。"],
  "dot1x-offered": ["{endpoints} offers 802.1X authentication.", "{endpoints} 提供 802.1X 認證。"],
  "dot1x-not-offered": [
    "{endpoints} offers {akms} only; that it does not offer 802.1X now does not prove that it cannot.",
    "{endpoints} 僅提供 {akms}；目前未提供 802.1X 不代表不支援。",
  ],
} as const satisfies Templates;

const VIDEO = {
  "class-without-video": [
    "Not applicable: a {class} keeps no video, and the complete sweep found no RTSP (I-5).",
    "不適用：{class}不保存影像，且完整掃描未發現 RTSP（I-5）。",
  ],
  "rtsp-open": [
    "RTSP on {endpoints} describes {media} without credentials: {paths}.",
    "{endpoints} 的 RTSP 未要求身分鑑別即提供 {media}：{paths}。",
  ],
  "rtsp-none-found": ["No RTSP endpoint was found at the ports looked at.", "在已檢視的埠上未發現 RTSP 端點。"],
  "rtsp-answers-any-path": [
    "RTSP on {endpoints} answers every path alike, even one that cannot exist.",
    "{endpoints} 的 RTSP 對任何路徑（含不存在者）回應皆相同。",
  ],
  "rtsp-no-path-known": [
    "RTSP on {endpoints} refused no path for want of credentials: none of the {tried} tried is known there.",
    "{endpoints} 的 RTSP 未因缺少身分資訊而拒絕：所試 {tried} 個路徑均不存在。",
  ],
  "video-refused": [
    "Video was refused without credentials for the paths tried on {endpoints}.",
    "{endpoints} 對所試路徑，未帶身分資訊者均拒絕提供影像。",
  ],
} as const satisfies Templates;

const UNDECIDED = {
  "needs-attestation": ["Not checked: only an attestation can decide this.", "未檢查：僅能由聲明判定。"],
  "needs-feed": ["Not checked: vulnerability data has not been compared.", "未檢查：尚未比對弱點資料。"],
  "needs-timeline": [
    "Not checked: the device's timeline has not been compared for this; an attestation can decide it.",
    "未檢查：尚未比對裝置時間軸；可由聲明判定。",
  ],
  "needs-credentials": [
    "Not checked: this needs a read-only account of the site, or an attestation.",
    "未檢查：需場域提供唯讀帳號，或由聲明判定。",
  ],
  "needs-authorization": [
    "Not checked: this needs an authorization window for intrusive tests, or an attestation.",
    "未檢查：需侵入性測試的授權時段，或由聲明判定。",
  ],
  "needs-probe": [
    "Not checked: no probe of this version looks at it; an attestation can support it.",
    "未檢查：此版本尚無對應探測；可輔以聲明。",
  ],
  "profile-without-onvif": ["Not applicable: {profile} says that the device has no ONVIF.", "不適用：{profile} 載明此裝置無 ONVIF。"],
  "class-without-onvif": [
    "Not applicable: a {class} has no ONVIF by nature, and the complete sweep found none.",
    "不適用：{class}本無 ONVIF，且完整掃描未發現。",
  ],
} as const satisfies Templates;

const ATTESTED = {
  "attested-pass": ["Attested by {author} ({attestation}).", "由 {author} 聲明符合（{attestation}）。"],
  "attested-fail": ["{author} states that the clause is not met ({attestation}).", "{author} 聲明不符合（{attestation}）。"],
  "attested-notapplicable": ["{author} states that the clause does not apply ({attestation}).", "{author} 聲明不適用（{attestation}）。"],
  "attested-and-clean": [
    "Attested by {author} ({attestation}), and what was observed on {endpoints} agrees.",
    "由 {author} 聲明符合（{attestation}），且 {endpoints} 的觀察結果一致。",
  ],
} as const satisfies Templates;

export const VERDICT_TEMPLATES = { ...COMMON, ...CHANNEL, ...SERVICE, ...WIFI, ...VIDEO, ...UNDECIDED, ...ATTESTED };

/** Codes whose sentence goes on after the sentence of the `observed` code. */
export const AFTER_OBSERVED = {
  "attestation-contradicted": [
    "This contradicts the attestation {attestation} by {author}.",
    "此與 {author} 的聲明（{attestation}）相牴觸。",
  ],
  "attested-not-observed": [
    "Attested by {author} ({attestation}), but a pass also needs clean observations.",
    "{author} 已聲明符合（{attestation}），但仍須有無異常的觀察結果。",
  ],
} as const satisfies Templates;

/** Every code that a rule may give: the compiler holds rules to it. */
export type ReasonCode = keyof typeof VERDICT_TEMPLATES | keyof typeof AFTER_OBSERVED;
