/** What is compared: the protection that a capture shows, as our probe and as tshark read it. */

export interface Protection {
  readonly version: number;
  /** "00-0F-AC:4"; empty where none is told. */
  readonly groupCipher: string;
  readonly pairwiseCiphers: readonly string[];
  readonly akms: readonly string[];
  readonly pmfCapable: boolean;
  readonly pmfRequired: boolean;
  readonly groupManagementCipher: string;
}

export interface WpsDecode {
  readonly version: number;
  readonly state: number;
  readonly configMethods: number | undefined;
  readonly setupLocked: boolean | undefined;
  readonly selectedRegistrar: boolean | undefined;
  readonly devicePasswordId: number | undefined;
  readonly manufacturer: string;
  readonly modelName: string;
  readonly modelNumber: string;
  readonly serialNumber: string;
  readonly deviceName: string;
  /** 32 hexadecimal digits; empty where none is told. */
  readonly uuid: string;
}

/** What the latest beacon or probe response says; WPS by the kind of frame. */
export interface BssDecode {
  readonly privacy: boolean;
  readonly rsn: Protection | undefined;
  readonly wpa: Protection | undefined;
  readonly wpsBeacon: WpsDecode | undefined;
  readonly wpsProbeResponse: WpsDecode | undefined;
  /** Beacons and probe responses. */
  readonly frames: number;
  /** By address, what each asked for. */
  readonly stations: ReadonlyMap<string, { readonly rsn: Protection | undefined; readonly wpa: Protection | undefined }>;
}

export interface CaptureDecode {
  /** Frames not read because they are malformed or their check sequence is wrong. */
  readonly refused: number;
  /** By BSSID. */
  readonly bss: ReadonlyMap<string, BssDecode>;
}

/** What both say of a file that is none. */
export const NO_CAPTURE = "no capture";
