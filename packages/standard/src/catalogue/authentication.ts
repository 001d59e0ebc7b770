/** 5.4 Authentication and authorization. */
import { clauses } from "./clause.ts";

const PASSWORD_RULES = ["I1", "I2", "I7", "I8", "8.3(b)", "8.3(c)"];

export const AUTHENTICATION = clauses(
  "authentication",
  {
    "5.4.1": ["Authentication mechanism", "鑑別機制安全"],
    "5.4.2": ["Password authentication", "通行碼鑑別機制"],
    "5.4.3": ["Access control", "權限控管"],
  },
  [
    [
      "5.4.1.1",
      [1],
      "F",
      "polite",
      {
        title: ["Authentication that resists replay", "防重送攻擊之身分鑑別"],
        summary: [
          "Before any resource is given, the device authenticates by a mechanism that resists replay.",
          "存取產品資源前，須通過可防止重送攻擊的身分鑑別。",
        ],
        decidedBy: [
          "Resources without credentials must be refused; Basic in cleartext fails; a digest is replayed with an account of the site.",
          "未帶身分資訊的存取應被拒絕；明文 Basic 即不符合；以場域帳號重送摘要驗證。",
        ],
        remediation: [
          "Require authentication everywhere and use HTTPS, or digest with fresh nonces.",
          "全面要求身分鑑別並使用 HTTPS，或採用每次更新 nonce 的摘要鑑別。",
        ],
        references: [
          "I2",
          "8.8",
          "8.9",
          "Core 5.12.1 Authentication",
          "Core 5.12.3 Username token profile",
          "Advanced Security 4.2 Certificate-based Client Authentication",
        ],
      },
    ],
    [
      "5.4.1.2",
      [1],
      "F",
      "intrusive",
      {
        title: ["Failed logins reveal no user names", "鑑別錯誤不洩漏使用者名稱"],
        summary: ["An error on login does not tell whether a user name exists.", "登入失敗訊息不會透露使用者名稱是否存在。"],
        decidedBy: [
          "One wrong password each for a known and a random name, within an authorization window; a difference fails.",
          "於授權時段對已知與隨機名稱各試一次錯誤通行碼；回應有差異即不符合。",
        ],
        remediation: ["Update the firmware, or restrict who reaches the login.", "更新韌體，或限制可連線登入介面的來源。"],
        references: ["I7", "8.3(b)"],
      },
    ],
    [
      "5.4.1.3",
      [2],
      "P",
      "polite",
      {
        title: ["Certificates can be replaced", "可置換憑證"],
        summary: ["The site can put its own certificate on the device.", "場域可將自有憑證安裝於產品。"],
        decidedBy: [
          "A certificate that changed to another issuer on the timeline, an ONVIF capability, or an attestation.",
          "時間軸上憑證曾改由其他發證機構簽發、具 ONVIF 能力，或由聲明判定。",
        ],
        remediation: ["Install the site's own certificate.", "安裝場域自有憑證。"],
      },
    ],
    [
      "5.4.1.4",
      [2],
      "N",
      "polite",
      {
        title: ["Keys are unique and change at reset", "金鑰唯一且重置時改變"],
        summary: [
          "SSH and TLS keys differ on every device and are made anew at each factory reset.",
          "SSH 與 TLS 金鑰每台不同，且每次還原出廠設定都會改變。",
        ],
        decidedBy: [
          "The same key on two devices fails both; a pass needs several devices with different keys and an attestation of the reset.",
          "兩台裝置出現相同金鑰則皆不符合；符合須多台金鑰相異，並有重置行為的聲明。",
        ],
        remediation: [
          "Generate new keys on the device, and replace firmware that ships a fixed key.",
          "於裝置上重新產生金鑰，並汰換內含固定金鑰的韌體。",
        ],
      },
    ],
    [
      "5.4.1.5",
      [3],
      "P",
      "polite",
      {
        title: ["PKI or multi-factor authentication", "採用 PKI 或多因子鑑別"],
        summary: ["Authentication is by PKI or by several factors.", "鑑別機制採用 PKI 或多因子鑑別。"],
        decidedBy: [
          "A TLS endpoint that demands a client certificate proves it; else an attestation.",
          "TLS 端點要求用戶端憑證即可證明；否則由聲明判定。",
        ],
        remediation: ["Turn on client certificates or a second factor for administrators.", "為管理者啟用用戶端憑證或第二因子。"],
        references: ["I2", "I7"],
      },
    ],
    [
      "5.4.1.6",
      [3],
      "P",
      "polite",
      {
        title: ["Connected products authenticate each other", "相連產品雙向鑑別"],
        summary: ["Surveillance products that connect to each other authenticate in both directions.", "相連的影像監控產品支援雙向鑑別。"],
        decidedBy: [
          "A device-to-recorder endpoint that demands a client certificate proves it; else an attestation.",
          "裝置與錄影機間的端點要求用戶端憑證即可證明；否則由聲明判定。",
        ],
        remediation: ["Set up mutual TLS between cameras and recorders.", "於攝影機與錄影機間設定雙向 TLS。"],
        references: ["I2"],
      },
    ],
    [
      "5.4.2.1",
      [1],
      "F",
      "intrusive",
      {
        title: ["Default passwords differ or must be changed", "預設通行碼相異或強制更改"],
        summary: [
          "Each device has its own default password, or the first login forces a change.",
          "每台裝置的預設通行碼不同，或首次登入須強制更改。",
        ],
        decidedBy: [
          "The maker's published default accounts, tried within an authorization window and the login budget; accepted fails.",
          "於授權時段與登入次數限制內，測試廠商公開的預設帳號；登入成功即不符合。",
        ],
        remediation: ["Change the default password now.", "立即更改預設通行碼。"],
        references: ["I1", "I7", "8.3(e)"],
      },
    ],
    [
      "5.4.2.2",
      [1],
      "P",
      "credentialed",
      {
        title: ["Passwords longer than eight characters", "通行碼長度大於 8 個字元"],
        summary: [
          "Passwords have more than eight characters, or the user is warned that theirs is weak.",
          "通行碼長度超過 8 個字元，否則警示使用者強度不足。",
        ],
        decidedBy: [
          "ONVIF password policy with MinLen of nine or more, or an attestation.",
          "ONVIF 通行碼政策最小長度為 9 以上，或由聲明判定。",
        ],
        remediation: ["Set the minimum length to nine or more.", "將最小長度設為 9 以上。"],
        references: PASSWORD_RULES,
      },
    ],
    [
      "5.4.2.3",
      [1],
      "P",
      "credentialed",
      {
        title: ["Three of four character classes", "四種字元中的三種"],
        summary: [
          "Passwords mix three of: upper case, lower case, digits, other characters; or the user is warned.",
          "通行碼須包含大寫、小寫、數字與其他符號中的三種，否則警示使用者。",
        ],
        decidedBy: ["ONVIF password policy, or an attestation.", "ONVIF 通行碼政策，或由聲明判定。"],
        remediation: ["Turn on the complexity rule.", "啟用通行碼複雜度規則。"],
        references: PASSWORD_RULES,
      },
    ],
    [
      "5.4.2.4",
      [1],
      "F",
      "intrusive",
      {
        title: ["Lockout after at most five failures", "五次失敗內鎖定"],
        summary: [
          "At most five failed logins lock the account or address for a time, and the counter resets only after a time.",
          "最多五次登入失敗即鎖定帳戶或 IP 一段時間，且計數須經一定時間才歸零。",
        ],
        decidedBy: [
          "Up to six wrong passwords on an account named for the test, within an authorization window; or an attestation.",
          "於授權時段對指定測試帳號輸入至多六次錯誤通行碼；或由聲明判定。",
        ],
        remediation: ["Turn on account lockout with five attempts or fewer.", "啟用帳號鎖定，次數設為五次以下。"],
        references: PASSWORD_RULES,
      },
    ],
    [
      "5.4.2.5",
      [3],
      "N",
      "credentialed",
      {
        title: ["No part of the user name in the password", "通行碼不含使用者名稱片段"],
        summary: [
          "A password holds no three or more consecutive characters of the user name.",
          "通行碼不得含有使用者名稱中 3 個以上的連續字元。",
        ],
        decidedBy: [
          "The ONVIF policy without such a rule fails; a pass needs an attestation beside it.",
          "ONVIF 政策無此規則即不符合；符合須有聲明佐證。",
        ],
        remediation: ["Turn on the rule against user names in passwords.", "啟用通行碼不得含使用者名稱的規則。"],
        references: PASSWORD_RULES,
      },
    ],
    [
      "5.4.2.6",
      [3],
      "F",
      "credentialed",
      {
        title: ["Password history", "通行碼歷程記錄"],
        summary: ["The device remembers earlier passwords and refuses them.", "產品記錄用過的通行碼並拒絕重複使用。"],
        decidedBy: ["ONVIF password history configuration, or an attestation.", "ONVIF 通行碼歷程設定，或由聲明判定。"],
        remediation: ["Turn on password history.", "啟用通行碼歷程。"],
        references: PASSWORD_RULES,
      },
    ],
    [
      "5.4.3.1",
      [1],
      "F",
      "credentialed",
      {
        title: ["Roles are separated", "角色權限區分"],
        summary: [
          "Users have roles, and each role can do what the documents say and no more.",
          "使用者依角色區分，各角色權限與產品文件所載相符。",
        ],
        decidedBy: [
          "Two accounts of different level: the lower one is refused what the documents deny it; or an attestation.",
          "以兩種等級帳號測試，低權限者應被拒絕文件所禁止的操作；或由聲明判定。",
        ],
        remediation: ["Give viewers their own accounts without administrator rights.", "為觀看者建立不具管理權限的帳號。"],
        references: ["I2", "I8", "8.2", "8.4(a)", "8.4(b)", "Core 5.12.2 User-based access control"],
      },
    ],
    [
      "5.4.3.2",
      [1],
      "N",
      "credentialed",
      {
        title: ["Idle sessions end", "閒置時限"],
        summary: [
          "The user can set an idle limit, after which a new authentication is needed.",
          "使用者可設定閒置時限，逾時後須重新鑑別。",
        ],
        decidedBy: [
          "A session used again after its idle limit must be refused; a pass needs an attestation beside it.",
          "逾閒置時限後再次使用的連線應被拒絕；符合須有聲明佐證。",
        ],
        remediation: ["Set an idle limit for web and streaming sessions.", "為網頁與串流連線設定閒置時限。"],
        references: ["I2", "I8", "8.2", "8.4(a)", "8.4(b)", "Core 5.12.2 User-based access control"],
      },
    ],
  ],
);
