/** 5.2 System security. */
import { clauses } from "./clause.ts";

export const SYSTEM = clauses(
  "system",
  {
    "5.2.1": ["Operating system and network services", "作業系統與網路服務安全"],
    "5.2.2": ["Minimal network services", "最小化網路與服務安全"],
    "5.2.3": ["Update security", "更新安全"],
    "5.2.4": ["Storage of sensitive data", "敏感性資料儲存安全"],
    "5.2.5": ["Web management interface", "網頁管理介面安全"],
    "5.2.6": ["ONVIF application programming interface", "ONVIF 應用程式介面(API)安全"],
    "5.2.7": ["Security event log and alerts", "安全事件日誌檔與警示"],
  },
  [
    [
      "5.2.1.1",
      [1, 2],
      "F",
      "polite",
      {
        title: ["No known critical vulnerabilities", "無重大等級之已知漏洞"],
        summary: [
          "Operating system and network services carry no vulnerability published in the NVD with a CVSS v3 rating of critical (9.0 or more).",
          "作業系統與網路服務沒有美國國家弱點資料庫已公開、CVSS v3 評為重大（9.0 以上）的漏洞。",
        ],
        decidedBy: [
          "Firmware and service versions compared with the imported vulnerability data; needs an identified version and a feed younger than seven days.",
          "以韌體與服務版本比對匯入的弱點資料；須已辨識版本，且資料在七日以內。",
        ],
        remediation: [
          "Install the firmware version that fixes the listed CVEs, or replace a device that gets no more updates.",
          "安裝已修補所列 CVE 的韌體版本；已停止更新者應汰換。",
        ],
        references: ["13.1", "13.2"],
      },
    ],
    [
      "5.2.1.2",
      [3],
      "F",
      "polite",
      {
        title: ["No known high vulnerabilities", "無高等級之已知漏洞"],
        summary: ["The same for vulnerabilities rated high (7.0 to 8.9).", "同前，適用於 CVSS v3 評為高（7.0 至 8.9）的漏洞。"],
        decidedBy: ["As 5.2.1.1, with the rating high.", "同 5.2.1.1，評級改為高。"],
        remediation: ["Install the firmware version that fixes the listed CVEs.", "安裝已修補所列 CVE 的韌體版本。"],
        references: ["13.1", "13.2"],
      },
    ],
    [
      "5.2.2.1",
      [1],
      "F",
      "polite",
      {
        title: ["Only declared network services are open", "僅開啟已宣告之網路服務"],
        summary: [
          "Every open service is one that the product needs and that its documents name.",
          "所有開啟的網路服務皆為產品所需，且已在產品文件中載明。",
        ],
        decidedBy: [
          "A complete TCP sweep and known UDP services, compared with the declared-service profile of the model or device.",
          "以完整 TCP 掃描與已知 UDP 服務，比對機型或裝置的服務宣告檔。",
        ],
        remediation: [
          "Turn off the services that are not declared, or declare those that are needed.",
          "關閉未宣告的服務，或將必要的服務補行宣告。",
        ],
        references: ["I3"],
      },
    ],
    [
      "5.2.2.2",
      [1],
      "A",
      null,
      {
        title: ["Telemetry is disclosed", "遙測資料須告知使用者"],
        summary: [
          "Users are told what telemetry the device collects, and it collects nothing beyond that.",
          "使用者已被告知產品收集哪些遙測資料，且未告知者一律不收集。",
        ],
        decidedBy: ["Attestation by the maker.", "由廠商聲明判定。"],
        remediation: [
          "Obtain the maker's telemetry statement and switch off what is not needed.",
          "向廠商取得遙測資料說明，並關閉不需要的收集項目。",
        ],
      },
    ],
    [
      "5.2.3.1",
      [1],
      "P",
      "polite",
      {
        title: ["Firmware can be updated", "韌體具更新機制"],
        summary: ["There is a way to install newer firmware.", "產品提供安裝新版韌體的方法。"],
        decidedBy: [
          "A firmware version that changed on the device's timeline, an ONVIF upgrade capability, or an attestation.",
          "裝置時間軸上的韌體版本曾變更、具 ONVIF 更新能力，或由聲明判定。",
        ],
        remediation: ["Update the device once, or attest the maker's update procedure.", "實際更新一次韌體，或就廠商的更新程序提出聲明。"],
        references: ["I9", "11.1", "11.2", "Core 4.5.5 Firmware Upgrade"],
      },
    ],
    [
      "5.2.3.2",
      [1],
      "A",
      null,
      {
        title: ["Offline update files give away no secrets", "離線更新檔之機密性"],
        summary: [
          "Update files for manual use are encrypted with approved algorithms, or hold no secret that can be read or recovered.",
          "離線手動更新檔以核可的演算法加密，或其中不含可讀取、可還原的敏感性資料。",
        ],
        decidedBy: ["Attestation from an analysis of the update file.", "由更新檔分析聲明判定。"],
        remediation: [
          "Ask the maker for encrypted update files, or for proof that they hold no secrets.",
          "要求廠商提供加密更新檔，或不含敏感性資料的證明。",
        ],
        references: ["I9", "11.1", "11.2", "11.6"],
      },
    ],
    [
      "5.2.3.3",
      [1],
      "A",
      null,
      {
        title: ["Online updates use a secure channel", "線上更新使用安全通道"],
        summary: [
          "Online updates travel over TLS 1.2 or later with forward secrecy, and the device checks the server's certificate.",
          "線上更新經由 TLS 1.2 以上並具前向安全的通道，且產品會驗證伺服器憑證。",
        ],
        decidedBy: [
          "Attestation: what the device checks as a client lies outside what a site can observe.",
          "由聲明判定：產品作為用戶端時的檢查行為，非現場可觀察。",
        ],
        remediation: [
          "Obtain the maker's statement, or turn off online updates and update by hand.",
          "取得廠商聲明，或停用線上更新改為手動更新。",
        ],
        references: ["11.1"],
      },
    ],
    [
      "5.2.3.4",
      [1],
      "A",
      null,
      {
        title: ["Firmware is verified before use", "驗證韌體完整性與真確性"],
        summary: ["The device verifies that firmware is whole and comes from its maker.", "產品會驗證韌體完整且確實來自廠商。"],
        decidedBy: ["Attestation from a test with altered firmware.", "由竄改韌體測試之聲明判定。"],
        remediation: ["Use a model with signed firmware and keep the test report.", "選用具韌體簽章的機型並保存測試報告。"],
      },
    ],
    [
      "5.2.3.5",
      [1],
      "A",
      null,
      {
        title: ["A failed update rolls back", "更新失敗可回復"],
        summary: ["When an update fails, the device goes back to the state before it.", "更新失敗時，系統能回到更新前的狀態。"],
        decidedBy: ["Attestation from a test with an interrupted update.", "由中斷更新測試之聲明判定。"],
        remediation: ["Use a model with two firmware slots or a recovery image.", "選用具雙韌體區或復原映像的機型。"],
      },
    ],
    [
      "5.2.4.1",
      [1],
      "N",
      "polite",
      {
        title: ["Stored sensitive data only for the authorized", "敏感性資料僅供授權存取"],
        summary: ["Only authorized parties can read the sensitive data that the device keeps.", "產品儲存的敏感性資料僅獲授權者可讀取。"],
        decidedBy: [
          "Reads without credentials (ONVIF users and backups, SNMP, shared folders) must be refused; a success fails. A pass needs an attestation beside clean observations.",
          "未帶身分資訊的讀取（ONVIF 使用者與備份、SNMP、共享資料夾）應被拒絕；讀取成功即不符合。符合須有聲明並搭配無異常的觀察。",
        ],
        remediation: [
          "Require authentication on every interface that gives out configuration, users or files.",
          "所有可取得設定、使用者或檔案的介面皆須要求身分鑑別。",
        ],
        references: ["I8", "8.4(a)", "8.4(b)", "10.1"],
      },
    ],
    [
      "5.2.4.2",
      [1],
      "A",
      null,
      {
        title: ["Credentials and keys are stored protected", "鑑別因子與金鑰之保護儲存"],
        summary: [
          "Authentication factors and secret keys are never stored in the clear, and are protected by approved security functions.",
          "身分鑑別因子與加解密金鑰不以明文儲存，並以核可的安全功能保護。",
        ],
        decidedBy: ["Attestation from an analysis of the device's storage.", "由儲存內容分析之聲明判定。"],
        remediation: [
          "Ask the maker how secrets are protected, and keep the laboratory report.",
          "向廠商確認機密的保護方式，並保存實驗室報告。",
        ],
        references: ["I8", "8.3(a)", "10.1", "10.3"],
      },
    ],
    [
      "5.2.4.3",
      [2],
      "A",
      null,
      {
        title: ["A key management procedure", "金鑰管理程序"],
        summary: [
          "A written procedure says how keys are made, kept, renewed and destroyed.",
          "具備書面程序，說明金鑰的產生、保存、更新與銷毀。",
        ],
        decidedBy: ["Attestation with the document.", "由附文件的聲明判定。"],
        remediation: ["Obtain the maker's key management document.", "取得廠商的金鑰管理文件。"],
        references: ["10.1"],
      },
    ],
    [
      "5.2.4.4",
      [3],
      "A",
      null,
      {
        title: ["Sensitive data lives in a secure domain", "敏感性資料存放於安全區域"],
        summary: ["Sensitive data is kept in a domain separated from normal operation.", "敏感性資料存放於與正常作業環境隔離的安全區域。"],
        decidedBy: ["Attestation by the maker or a laboratory.", "由廠商或實驗室聲明判定。"],
        remediation: ["Use a model with a secure element or a trusted execution environment.", "選用具安全元件或可信執行環境的機型。"],
        references: ["I8", "I2", "10.1"],
      },
    ],
    [
      "5.2.5.1",
      [1],
      "N",
      "polite",
      {
        title: ["Web management without injection and XSS", "網頁管理介面無注入與跨站漏洞"],
        summary: [
          "The web interface has no hole for injection or cross-site scripting.",
          "網頁管理介面沒有可供 Injection 或 XSS 攻擊的漏洞。",
        ],
        decidedBy: [
          "A matching published weakness of that kind on the identified version fails; a penetration test report passes.",
          "已辨識版本若有此類已公開漏洞即不符合；滲透測試報告可證明符合。",
        ],
        remediation: ["Update the firmware, and restrict who reaches the web interface.", "更新韌體，並限制可連線網頁介面的來源。"],
        references: ["I1"],
      },
    ],
    [
      "5.2.6.1",
      [1],
      "F",
      "polite",
      {
        title: ["ONVIF authenticates", "ONVIF 具身分鑑別"],
        summary: [
          "The ONVIF interface asks for authentication that meets 5.4.1.1 and 5.4.1.2.",
          "ONVIF 介面要求身分鑑別，並符合 5.4.1.1 與 5.4.1.2。",
        ],
        decidedBy: [
          "Each read operation of a fixed list is called without credentials and must be refused, by a scheme that resists replay.",
          "以固定清單中的讀取操作、不帶身分資訊呼叫，均應被拒絕，且鑑別方式須能防止重送。",
        ],
        remediation: ["Create an ONVIF user, turn on authentication, and use HTTPS.", "建立 ONVIF 使用者、啟用身分鑑別並使用 HTTPS。"],
        references: ["I2", "8.3(b)", "8.3(c)", "8.3(d)", "8.8", "8.9"],
      },
    ],
    [
      "5.2.6.2",
      [1],
      "F",
      "credentialed",
      {
        title: ["ONVIF passwords obey 5.4.2", "ONVIF 通行碼依 5.4.2"],
        summary: ["All password requirements of 5.4.2 hold on the ONVIF interface.", "5.4.2 的通行碼要求全部適用於 ONVIF 介面。"],
        decidedBy: [
          "ONVIF password policy reads with an account of the site, default accounts within a window, or an attestation.",
          "以場域提供的帳號讀取 ONVIF 通行碼政策、於授權時段測試預設帳號，或由聲明判定。",
        ],
        remediation: [
          "Set length, character classes, lockout and history for ONVIF users.",
          "為 ONVIF 使用者設定長度、字元種類、鎖定與歷程規則。",
        ],
        references: ["I2", "8.3(b)", "8.3(c)", "8.3(d)", "8.8", "8.9"],
      },
    ],
    [
      "5.2.6.3",
      [1],
      "F",
      "credentialed",
      {
        title: ["ONVIF permissions obey 5.4.3", "ONVIF 權限控管依 5.4.3"],
        summary: [
          "Role separation and session limits of 5.4.3 hold on the ONVIF interface.",
          "5.4.3 的角色權限與連線時限適用於 ONVIF 介面。",
        ],
        decidedBy: [
          "With accounts of two levels: a read above the lower level must be refused; or an attestation.",
          "以兩種權限等級的帳號測試，低權限帳號的越權讀取應被拒絕；或由聲明判定。",
        ],
        remediation: ["Give each ONVIF user the lowest level that serves.", "每位 ONVIF 使用者僅給予所需的最低權限。"],
        references: ["I2", "I8"],
      },
    ],
    [
      "5.2.7.1",
      [1],
      "P",
      "credentialed",
      {
        title: ["Security events are logged and shown", "安全事件日誌與顯示"],
        summary: [
          "Each access is logged with full time, identity and result, and can be read later.",
          "使用者存取行為連同完整時間、身分與結果被記錄，並可供查閱。",
        ],
        decidedBy: [
          "After one of our own logins, the device's access log shows it; or an attestation.",
          "以自身登入後查看存取日誌是否記載；或由聲明判定。",
        ],
        remediation: ["Turn on the access log and set the device's clock by NTP.", "啟用存取日誌，並以 NTP 校時。"],
        references: ["I8"],
      },
    ],
    [
      "5.2.7.2",
      [1],
      "N",
      "polite",
      {
        title: ["The log is access-controlled", "日誌具權限控管"],
        summary: ["Nobody reads the security log without authorization.", "未經授權者無法讀取安全事件日誌。"],
        decidedBy: [
          "Log reads without credentials must be refused; a success fails. A pass needs an attestation beside clean observations.",
          "未帶身分資訊的日誌讀取應被拒絕；讀取成功即不符合。符合須有聲明並搭配無異常的觀察。",
        ],
        remediation: ["Restrict log pages and ONVIF log reads to administrators.", "日誌頁面與 ONVIF 日誌讀取僅開放管理者。"],
      },
    ],
    [
      "5.2.7.3",
      [1],
      "A",
      null,
      {
        title: ["The log rotates", "日誌滾動"],
        summary: ["Old log entries make room for new ones in an orderly way.", "日誌具滾動機制，有序汰換舊紀錄。"],
        decidedBy: ["Attestation.", "由聲明判定。"],
        remediation: ["Set log rotation, or send the log to a server.", "設定日誌滾動，或將日誌送往伺服器。"],
      },
    ],
  ],
);
