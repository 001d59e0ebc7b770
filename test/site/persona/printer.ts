import type { PersonaForm } from "../form.ts";

/** Prints whatever reaches port 9100. Its counter must stay at zero. */
export const printer: PersonaForm = {
  name: "printer",
  behavesLike: ["librenms/librenms tests/snmpsim/brother.snmprec", "cupsd with avahi-daemon"],
  fieldFailure: "printers print what a scanner sends to 9100",
  host: 23,
  present: true,
  services: [
    { kind: "http", ports: [631, 10631], server: "CUPS/2.4 IPP/2.1", root: { kind: "page", title: "Inkwell 90", login: false } },
    { kind: "silent", ports: [9100, 19100] },
  ],
  mdns: {
    hostName: "inkwell-90",
    services: [
      { type: "_ipp._tcp", instance: "Inkwell 90", port: 631, txt: ["txtvers=1", "ty=Inkwell 90", "rp=ipp/print", "pdl=application/pdf"] },
      { type: "_pdl-datastream._tcp", instance: "Inkwell 90", port: 9100, txt: ["txtvers=1", "ty=Inkwell 90"] },
    ],
  },
};
