import type { PersonaForm } from "../form.ts";

/** Somebody's laptop: present on the network, no member of the site. */
export const laptop: PersonaForm = {
  name: "laptop",
  behavesLike: ["avahi-daemon with publish-workstation=yes"],
  host: 24,
  present: true,
  services: [],
  mdns: {
    hostName: "thinkpad",
    services: [{ type: "_workstation._tcp", instance: "thinkpad [{mac}]", port: 9, txt: [] }],
  },
};
