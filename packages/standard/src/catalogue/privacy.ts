/** 5.5 Privacy protection. */
import { clauses } from "./clause.ts";

export const PRIVACY = clauses(
  "privacy",
  {
    "5.5.1": ["Access to private data", "隱私資料的存取保護"],
    "5.5.2": ["Transport of private data", "隱私資料的傳輸保護"],
  },
  [
    [
      "5.5.1.1",
      [1],
      "F",
      "polite",
      {
        title: ["Video only for the authorized", "隱私資料僅供授權存取"],
        summary: [
          "Only authorized parties get the private data that the device keeps, video above all.",
          "產品儲存的隱私資料（尤其是影像）僅獲授權者可存取。",
        ],
        decidedBy: [
          "RTSP, snapshot and recording requests without credentials must be refused; an answer with video fails. Video itself is never kept.",
          "未帶身分資訊的 RTSP、快照與錄影查詢應被拒絕；取得影像即不符合。本系統不保存影像內容。",
        ],
        remediation: ["Turn on authentication for streams, snapshots and recordings.", "為串流、快照與錄影啟用身分鑑別。"],
        references: ["I5", "8.4(a)", "8.4(b)", "11.5"],
      },
    ],
    [
      "5.5.1.2",
      [1],
      "A",
      null,
      {
        title: ["New access to private data raises an alert", "隱私存取之警示"],
        summary: ["Each new access to private data makes the device raise an alert.", "每次有新的隱私資料存取時，產品會主動示警。"],
        decidedBy: ["Attestation.", "由聲明判定。"],
        remediation: ["Turn on access notifications and route them to somebody who reads them.", "啟用存取通知，並送達負責人員。"],
        references: ["I5", "I8", "8.4(a)", "8.4(b)", "11.5"],
      },
    ],
    [
      "5.5.2.1",
      [1],
      "F",
      "polite",
      {
        title: ["Private data travels over a secure channel", "隱私資料經安全通道傳輸"],
        summary: [
          "Private data travels by default over TLS 1.2 or later (Annex A) with forward secrecy.",
          "隱私資料預設經由 TLS 1.2 以上（附錄 A）且具前向安全的通道傳輸。",
        ],
        decidedBy: [
          "RTSP in cleartext that serves media fails; only RTSPS or HTTPS with acceptable TLS passes.",
          "以明文 RTSP 提供影像即不符合；僅提供符合要求的 RTSPS 或 HTTPS 則符合。",
        ],
        remediation: ["Stream over RTSPS or HTTPS and turn off cleartext RTSP.", "改用 RTSPS 或 HTTPS 串流，並關閉明文 RTSP。"],
        references: ["I4", "I5", "9.1", "10.3"],
      },
    ],
    [
      "5.5.2.2",
      [2],
      "N",
      "polite",
      {
        title: ["Certificates of media endpoints", "影像端點之憑證驗證"],
        summary: ["Whoever receives private data checks the certificate, as in 5.3.1.2.", "接收隱私資料的一方會檢查憑證，要求同 5.3.1.2。"],
        decidedBy: ["As 5.3.1.2, on media endpoints.", "同 5.3.1.2，適用於影像端點。"],
        remediation: ["Install a valid certificate for the media service.", "為影像服務安裝有效憑證。"],
        references: ["I4", "I5", "9.1", "10.3"],
      },
    ],
    [
      "5.5.2.3",
      [3],
      "F",
      "polite",
      {
        title: ["AES-256 or stronger for media", "影像傳輸支援 AES-256 以上"],
        summary: [
          "Channels for private data support AES-256 or an algorithm at least as strong.",
          "傳輸隱私資料的安全通道支援 AES-256 或同等以上強度的演算法。",
        ],
        decidedBy: ["As 5.3.1.3, on media endpoints.", "同 5.3.1.3，適用於影像端點。"],
        remediation: ["Enable AES-256 suites for the media service.", "為影像服務啟用 AES-256 套件。"],
      },
    ],
  ],
);
