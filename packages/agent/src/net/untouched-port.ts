/** TCP and UDP ports that are never touched: printers print what they are sent, controllers may act on it. */

export const UNTOUCHED_TCP_PORTS: ReadonlySet<number> = new Set([
  102, // ISO-TSAP, Siemens S7
  502, // Modbus
  789, // Red Lion Crimson
  1089, // FF Annunciation
  1090,
  1091,
  1911, // Niagara Fox
  1962, // PCWorx
  2222, // EtherNet/IP implicit messages
  2404, // IEC 60870-5-104
  4000, // ROC Plus
  4840, // OPC UA
  4911, // Niagara Fox over TLS
  5006, // MELSEC-Q
  5007,
  5094, // HART-IP
  9100, // raw printing
  9101,
  9102,
  9600, // OMRON FINS
  18245, // GE SRTP
  18246,
  20000, // DNP3
  20547, // ProConOS
  34962, // PROFINET
  34963,
  34964,
  44818, // EtherNet/IP
  47808, // BACnet
]);
