/** 5.3 Communication security. */
import { clauses } from "./clause.ts";

export const COMMUNICATION = clauses(
  "communication",
  {
    "5.3.1": ["Transport of sensitive data", "敏感性資料傳輸安全"],
    "5.3.2": ["Protocols and settings", "通訊協定與設置安全"],
    "5.3.3": ["Wi-Fi", "Wi-Fi 通訊安全"],
  },
  [
    [
      "5.3.1.1",
      [1],
      "F",
      "polite",
      {
        title: ["Secure channel with forward secrecy", "安全通道與前向安全"],
        summary: [
          "Sensitive data travels by default over TLS 1.2 or later (Annex A), with a key exchange that gives forward secrecy.",
          "敏感性資料預設經由 TLS 1.2 以上（附錄 A）傳輸，金鑰交換具前向安全。",
        ],
        decidedBy: [
          "Every management endpoint is looked at: a cleartext login, an older version or no forward-secret suite fails.",
          "檢視所有管理端點：明文登入、較舊版本或缺少前向安全套件即不符合。",
        ],
        remediation: [
          "Turn on HTTPS only, disable TLS 1.1 and older, Telnet, FTP and SNMP v1/v2c, and allow ECDHE suites.",
          "僅啟用 HTTPS，停用 TLS 1.1 以下、Telnet、FTP 與 SNMP v1/v2c，並啟用 ECDHE 套件。",
        ],
        references: ["I4", "I8", "8.3(a)", "9.1", "10.1", "10.3"],
      },
    ],
    [
      "5.3.1.2",
      [2],
      "N",
      "polite",
      {
        title: ["Certificates are authentic and valid", "憑證真確性與有效性驗證"],
        summary: [
          "Whoever receives sensitive data checks the certificate: issuer, validity period, form and signature.",
          "接收敏感性資料的一方會檢查憑證的發證機構、有效期限、格式與簽章。",
        ],
        decidedBy: [
          "A certificate of the device that a careful peer must refuse fails; a pass needs an attestation beside clean observations.",
          "裝置憑證若為謹慎對端必須拒絕者即不符合；符合須有聲明並搭配無異常的觀察。",
        ],
        remediation: [
          "Install a certificate from an issuer that the site trusts, with a correct validity period.",
          "安裝場域信任之發證機構所簽發、效期正確的憑證。",
        ],
        references: ["I4", "I8", "8.3(a)", "9.1", "10.1", "10.3"],
      },
    ],
    [
      "5.3.1.3",
      [3],
      "F",
      "polite",
      {
        title: ["AES-256 or stronger", "支援 AES-256 以上強度"],
        summary: ["Secure channels support AES-256 or an algorithm at least as strong.", "安全通道支援 AES-256 或同等以上強度的演算法。"],
        decidedBy: ["Each TLS endpoint must accept an AES-256 or ChaCha20 suite.", "每個 TLS 端點皆須接受 AES-256 或 ChaCha20 套件。"],
        remediation: ["Enable the AES-256-GCM suites.", "啟用 AES-256-GCM 套件。"],
      },
    ],
    [
      "5.3.2.1",
      [1],
      "P",
      "polite",
      {
        title: ["UPnP, SNMP and Bonjour can be switched", "UPnP、SNMP 與 Bonjour 可自行開關"],
        summary: [
          "The user can switch the discovery services UPnP, SNMP and Bonjour off and on.",
          "使用者可自行開啟或關閉 UPnP、SNMP 與 Bonjour 等探詢功能。",
        ],
        decidedBy: [
          "Both states seen on the device's own timeline, per protocol, or an attestation.",
          "各協定於裝置時間軸上曾出現開與關兩種狀態，或由聲明判定。",
        ],
        remediation: ["Switch off the discovery services that the site does not use.", "關閉場域未使用的探詢服務。"],
        references: ["I3"],
      },
    ],
    [
      "5.3.2.2",
      [1],
      "F",
      "polite",
      {
        title: ["No debug mode over the network", "網路不得進入除錯模式"],
        summary: ["By default the network gives no debug access to the operating system.", "預設狀態下無法經網路進入作業系統的除錯模式。"],
        decidedBy: [
          "Telnet, ADB, GDB and other debug services that answer fail; all ports swept without one passes. The deployed state is judged.",
          "Telnet、ADB、GDB 等除錯服務有回應即不符合；完整掃描未發現則符合。以部署狀態判定。",
        ],
        remediation: [
          "Turn off Telnet and every debug service; update firmware that opens one.",
          "關閉 Telnet 與所有除錯服務；若為韌體預設開啟則更新韌體。",
        ],
        references: ["I10"],
      },
    ],
    [
      "5.3.2.3",
      [2],
      "F",
      "intrusive",
      {
        title: ["Key protocols survive malformed messages", "關鍵協定無錯誤處理漏洞"],
        summary: [
          "RTP/RTCP, RTSP and TLS (Annex B) keep working when length, identifier or attribute fields are wrong.",
          "RTP/RTCP、RTSP 與 TLS（附錄 B）遇到長度、識別碼或屬性欄位異常時不會中止服務。",
        ],
        decidedBy: [
          "A bounded suite of malformed messages within an authorization window; a service that stops answering fails.",
          "於授權時段送出有限的異常訊息；服務停止回應即不符合。",
        ],
        remediation: ["Update the firmware, and shield the service from untrusted networks.", "更新韌體，並避免服務暴露於不受信任的網路。"],
        references: ["I3", "15"],
      },
    ],
    [
      "5.3.3.1",
      [1],
      "F",
      "passive",
      {
        title: ["WPS PIN is off by default", "WPS PIN 預設關閉"],
        summary: [
          "The PIN method of Wi-Fi Protected Setup can be switched, and is off by default.",
          "Wi-Fi 保護設置的 PIN 功能可由使用者開關，且預設為關閉。",
        ],
        decidedBy: [
          "WPS elements of the device's beacons and probe responses; a PIN bit fails.",
          "檢視裝置信標與探測回應中的 WPS 元素；出現 PIN 位元即不符合。",
        ],
        remediation: ["Turn off WPS, or at least its PIN method.", "關閉 WPS，或至少關閉 PIN 方式。"],
        references: ["I8"],
      },
    ],
    [
      "5.3.3.2",
      [1],
      "F",
      "passive",
      {
        title: ["WPA2 or later", "Wi-Fi 採用 WPA2 以上"],
        summary: ["Wi-Fi is protected by default by WPA2 or later (Annex C).", "Wi-Fi 預設採用 WPA2 以上（附錄 C）的保護存取。"],
        decidedBy: [
          "The security that the BSS announces: CCMP or GCMP without WPA1, TKIP, WEP or open access passes.",
          "檢視 BSS 宣告的安全設定：僅 CCMP 或 GCMP，且無 WPA1、TKIP、WEP 或開放存取者符合。",
        ],
        remediation: [
          "Set WPA2 or WPA3 with AES only; turn off mixed mode and TKIP.",
          "僅設定 WPA2 或 WPA3 並使用 AES；關閉混合模式與 TKIP。",
        ],
        references: ["I8"],
      },
    ],
    [
      "5.3.3.3",
      [2],
      "A",
      null,
      {
        title: ["Wi-Fi survives malformed frames", "Wi-Fi 無錯誤處理漏洞"],
        summary: ["Malformed Wi-Fi frames do not stop the device.", "異常的 Wi-Fi 訊框不會使產品中止服務。"],
        decidedBy: ["Attestation from a radio laboratory.", "由無線實驗室聲明判定。"],
        remediation: ["Update the firmware, and keep the laboratory's report.", "更新韌體，並保存實驗室報告。"],
        references: ["I3"],
      },
    ],
    [
      "5.3.3.4",
      [3],
      "P",
      "passive",
      {
        title: ["Wi-Fi supports 802.1X", "Wi-Fi 認證支援 802.1X"],
        summary: ["Wi-Fi authentication supports port-based access control by 802.1X.", "Wi-Fi 可採用 802.1X 依埠管制連線的認證方式。"],
        decidedBy: [
          "An 802.1X key management suite announced by the BSS proves it; its absence proves nothing.",
          "BSS 宣告 802.1X 金鑰管理套件即可證明；未宣告則無法判定。",
        ],
        remediation: ["Set WPA2 or WPA3 Enterprise with a RADIUS server.", "設定 WPA2 或 WPA3 企業模式並搭配 RADIUS 伺服器。"],
      },
    ],
  ],
);
