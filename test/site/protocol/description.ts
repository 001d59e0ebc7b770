/** The UPnP root device description. UPnP Device Architecture 2.0, 2.3 */
import type { SsdpForm, UpnpForm } from "../form.ts";
import type { Identity } from "../identity.ts";

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

export function description(upnp: UpnpForm, ssdp: SsdpForm, identity: Identity, presentationUrl: string): string {
  const tag = (name: string, text: string) => `    <${name}>${escaped(text)}</${name}>`;
  const services = ssdp.serviceTypes.map((type, at) =>
    [
      "      <service>",
      `        <serviceType>${escaped(type)}</serviceType>`,
      `        <serviceId>urn:upnp-org:serviceId:${at + 1}</serviceId>`,
      "        <SCPDURL>/scpd.xml</SCPDURL><controlURL>/control</controlURL><eventSubURL>/event</eventSubURL>",
      "      </service>",
    ].join("\n"),
  );
  return [
    '<?xml version="1.0"?>',
    '<root xmlns="urn:schemas-upnp-org:device-1-0">',
    "  <specVersion><major>1</major><minor>1</minor></specVersion>",
    "  <device>",
    tag("deviceType", ssdp.deviceType),
    tag("friendlyName", upnp.friendlyName),
    tag("manufacturer", upnp.manufacturer),
    tag("manufacturerURL", upnp.manufacturerUrl),
    tag("modelDescription", upnp.modelDescription),
    tag("modelName", upnp.modelName),
    tag("modelNumber", upnp.modelNumber),
    tag("serialNumber", identity.serial),
    tag("UDN", `uuid:${identity.udn}`),
    "    <serviceList>",
    ...services,
    "    </serviceList>",
    tag("presentationURL", presentationUrl),
    "  </device>",
    "</root>",
    "",
  ].join("\n");
}
