/** 5.1 Physical security. */
import { clauses } from "./clause.ts";

export const PHYSICAL = clauses(
  "physical",
  {
    "5.1.1": ["Control of physical ports", "實體埠之安全管控"],
    "5.1.2": ["Alerts on physical events", "實體異常行為警示"],
    "5.1.3": ["Physical protection", "實體防護"],
    "5.1.4": ["Secure boot", "安全啟動"],
  },
  [
    [
      "5.1.1.1",
      [1],
      "A",
      null,
      {
        title: ["No unauthenticated debug mode at physical ports", "實體介面除錯模式須經身分鑑別"],
        summary: [
          "A serial, JTAG or USB port gives no debug access to the operating system unless the person has authenticated first.",
          "序列埠、JTAG 或 USB 等實體介面，未先完成身分鑑別即無法進入作業系統的除錯模式。",
        ],
        decidedBy: [
          "Attestation from a laboratory or a site inspection; the network cannot see it.",
          "由實驗室或現場檢查出具聲明；網路上無法觀察。",
        ],
        remediation: [
          "Disable debug ports in production firmware, or put a login in front of them, and have it attested.",
          "於量產韌體停用除錯埠或加上登入程序，並提出聲明佐證。",
        ],
        references: ["I10"],
      },
    ],
    [
      "5.1.2.1",
      [2],
      "A",
      null,
      {
        title: ["Plugging of physical ports is recorded", "實體埠插拔記錄"],
        summary: [
          "The device keeps a record of cables and media being plugged in and pulled out.",
          "產品會留存連接線與儲存媒體插入、拔除的紀錄。",
        ],
        decidedBy: [
          "Attestation; link traps that the device itself sends support it.",
          "由聲明判定；產品自行送出的連線狀態 trap 可作為佐證。",
        ],
        remediation: [
          "Turn on port event logging and check that an unplugged cable appears in the log.",
          "開啟實體埠事件記錄，並確認拔線動作出現在日誌中。",
        ],
      },
    ],
    [
      "5.1.2.2",
      [2],
      "A",
      null,
      {
        title: ["An alert when a physical act cuts the connection", "實體操作致斷訊之警示"],
        summary: [
          "When somebody's physical act interrupts the signal, the device raises an alert.",
          "人為實體操作造成斷訊時，產品會提出警示。",
        ],
        decidedBy: [
          "Attestation; traps or an ONVIF event support it. The collector's own device-lost alert compensates but does not decide.",
          "由聲明判定；trap 或 ONVIF 事件可佐證。本系統自身的失聯警示僅屬補償措施，不作為判定依據。",
        ],
        remediation: [
          "Configure the device's disconnect or tamper alarm and route it to somebody who reads it.",
          "設定產品的斷線或破壞警報，並送達負責人員。",
        ],
      },
    ],
    [
      "5.1.3.1",
      [1],
      "A",
      null,
      {
        title: ["No bare-hand restore of the default password", "不可徒手還原預設通行碼"],
        summary: [
          "Nothing on the outside of the device lets a bare hand set the password back to its default.",
          "產品外部沒有不需工具、徒手即可將通行碼還原為預設值的裝置或按鍵。",
        ],
        decidedBy: ["Attestation from a site inspection.", "由現場檢查聲明判定。"],
        remediation: [
          "Put the reset behind a cover that needs a tool, or mount the device out of reach.",
          "將重置鍵設於需工具開啟的外殼內，或安裝於無法觸及之處。",
        ],
        references: ["I2"],
      },
    ],
    [
      "5.1.4.1",
      [3],
      "A",
      null,
      {
        title: ["Secure boot", "支援安全啟動"],
        summary: [
          "The device boots only firmware, drivers and an operating system that are authorized.",
          "產品僅以經授權的韌體、驅動程式與作業系統開機。",
        ],
        decidedBy: ["Attestation by the maker or a laboratory.", "由廠商或實驗室聲明判定。"],
        remediation: [
          "Choose a model whose boot chain is verified from hardware, and keep the maker's statement.",
          "選用由硬體起始驗證開機鏈的機型，並保存廠商聲明。",
        ],
        references: ["I9"],
      },
    ],
  ],
);
