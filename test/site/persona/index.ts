/** Every persona of the simulated site. */
import type { PersonaForm } from "../form.ts";
import { accessPoint } from "./access-point.ts";
import { cameraCertExpires } from "./camera-cert-expires.ts";
import { cameraGood } from "./camera-good.ts";
import { cameraLegacyTls } from "./camera-legacy-tls.ts";
import { cameraMoves } from "./camera-moves.ts";
import { cameraOpen } from "./camera-open.ts";
import { cameraSameSerialA, cameraSameSerialB } from "./camera-same-serial.ts";
import { cameraTelnetLater } from "./camera-telnet-later.ts";
import { cameraVanishes } from "./camera-vanishes.ts";
import { extraCamera } from "./extra-camera.ts";
import { laptop } from "./laptop.ts";
import { nas } from "./nas.ts";
import { printer } from "./printer.ts";
import { recorder } from "./recorder.ts";
import { networkSwitch } from "./switch.ts";

export const PERSONAS: readonly PersonaForm[] = [
  cameraGood,
  cameraOpen,
  cameraLegacyTls,
  cameraTelnetLater,
  cameraMoves,
  cameraVanishes,
  cameraCertExpires,
  cameraSameSerialA,
  cameraSameSerialB,
  recorder,
  nas,
  networkSwitch,
  accessPoint,
  printer,
  laptop,
];

/** The named personas, and beyond their number plain cameras; fewer than that are the first of the list. */
export function personas(count: number = PERSONAS.length): readonly PersonaForm[] {
  const extra = Array.from({ length: Math.max(0, count - PERSONAS.length) }, (_, at) => extraCamera(at));
  return [...PERSONAS.slice(0, count), ...extra];
}
