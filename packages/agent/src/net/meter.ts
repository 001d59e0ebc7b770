/** What one run of a probe has spent; sockets count into it as bytes pass. */
export interface Meter {
  connections: number;
  bytesIn: number;
  bytesOut: number;
  outOfScope: number;
  overflow: number;
}
