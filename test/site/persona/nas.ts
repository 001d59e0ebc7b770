import type { PersonaForm } from "../form.ts";
import { modernTls, ownCertificate } from "./common.ts";

/** The storage that the recordings go to: mDNS, file sharing, web interface on 5000 and 5001. */
export const nas: PersonaForm = {
  name: "nas",
  behavesLike: ["librenms/librenms tests/snmpsim/dsm.snmprec", "avahi-daemon with smb.service and http.service", "samba smbd"],
  host: 20,
  present: true,
  services: [
    { kind: "http", ports: [5000, 15000], server: "nginx", root: { kind: "redirect-https" } },
    {
      kind: "http",
      ports: [5001, 15001],
      server: "nginx",
      root: { kind: "page", title: "DiskHaven 218 - Network Attached Storage", login: true },
      tls: modernTls(ownCertificate("nas")),
    },
    { kind: "silent", ports: [445, 10445] },
  ],
  mdns: {
    hostName: "diskhaven",
    services: [
      { type: "_smb._tcp", instance: "diskhaven", port: 445, txt: [] },
      {
        type: "_http._tcp",
        instance: "diskhaven",
        port: 5000,
        txt: [
          "vendor=DiskHaven",
          "model=DH-218",
          "serial={serial}",
          "version_major=7",
          "version_minor=2",
          "secure_admin_port=5001",
          "mac_address={mac}",
        ],
      },
    ],
  },
};
