/**
 * A host that points elsewhere in every way its protocols have: node device.ts OWN ELSEWHERE FOLDER. It speaks by Node's own sockets and multicast-dns,
 * none of the agent's code. FOLDER holds cert.pem and key.pem.
 */
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import multicastDns from "multicast-dns";

const [own = "", elsewhere = "", folder = ""] = process.argv.slice(2);
const GROUP = "239.255.255.250";
const AGAIN_MS = 1_500;

/** A LOCATION elsewhere, one here that moves elsewhere, and one here whose document names URLs elsewhere. */
const LOCATIONS = [`http://${elsewhere}/description.xml`, `http://${own}:8080/moved.xml`, `http://${own}:8081/own.xml`];

function advertisement(head: readonly string[], n: number, location: string, target: string): Buffer {
  const usn = `USN: uuid:00000000-0000-4000-8000-${own.replaceAll(".", "").padStart(11, "0")}${n}::upnp:rootdevice`;
  return Buffer.from(
    [...head, "CACHE-CONTROL: max-age=60", `LOCATION: ${location}`, "SERVER: lure", `${target}: upnp:rootdevice`, usn, "", ""].join("\r\n"),
  );
}

const ssdp = createSocket({ type: "udp4", reuseAddr: true }).bind(1900, () => {
  ssdp.addMembership(GROUP, own);
  ssdp.setMulticastInterface(own);
  const announce = (): void => {
    for (const [n, location] of LOCATIONS.entries())
      ssdp.send(advertisement(["NOTIFY * HTTP/1.1", `HOST: ${GROUP}:1900`, "NTS: ssdp:alive"], n, location, "NT"), 1900, GROUP);
  };
  announce();
  setInterval(announce, AGAIN_MS);
});
ssdp.on("message", (message, from) => {
  if (!message.toString("latin1").startsWith("M-SEARCH")) return;
  for (const [n, location] of LOCATIONS.entries())
    ssdp.send(advertisement(["HTTP/1.1 200 OK", "EXT:"], n, location, "ST"), from.port, from.address);
});

/** An ONVIF device whose service is elsewhere, as it answers a Probe or a Resolve and as it announces itself. */
function discovered(action: "ProbeMatches" | "ResolveMatches" | "Hello", relatesTo: string): string {
  const one = `<a:EndpointReference><a:Address>urn:uuid:lure-${own}</a:Address></a:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types><d:XAddrs>http://${elsewhere}/onvif/device_service</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>`;
  const body = action === "Hello" ? one : `<d:${action.slice(0, -2)}>${one}</d:${action.slice(0, -2)}>`;
  return `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header><a:RelatesTo>${relatesTo}</a:RelatesTo></s:Header><s:Body><d:${action}>${body}</d:${action}></s:Body></s:Envelope>`;
}

const wsd = createSocket({ type: "udp4", reuseAddr: true }).bind(3702, () => {
  wsd.addMembership(GROUP, own);
  wsd.setMulticastInterface(own);
  setInterval(() => wsd.send(discovered("Hello", ""), 3702, GROUP), AGAIN_MS);
});
wsd.on("message", (message, from) => {
  const text = message.toString("latin1");
  const relatesTo = /MessageID>([^<]{1,64})</.exec(text)?.[1] ?? "";
  if (/:Probe>/.test(text)) wsd.send(discovered("ProbeMatches", relatesTo), from.port, from.address);
  if (/:Resolve>/.test(text)) wsd.send(discovered("ResolveMatches", relatesTo), from.port, from.address);
});

const DESCRIPTION = `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><URLBase>http://${elsewhere}/</URLBase><device>
<deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType><friendlyName>Lure</friendlyName><UDN>uuid:lure</UDN>
<iconList><icon><url>http://${elsewhere}/icon.png</url></icon></iconList><presentationURL>http://${elsewhere}/</presentationURL>
<serviceList><service><serviceType>urn:schemas-upnp-org:service:Lure:1</serviceType><SCPDURL>http://${elsewhere}/service.xml</SCPDURL></service></serviceList>
</device></root>`;

createHttp((_, response) => response.writeHead(302, { location: `http://${elsewhere}/` }).end()).listen(80, own);
createHttp((_, response) => response.writeHead(301, { location: `http://${elsewhere}/description.xml` }).end()).listen(8080, own);
createHttp((_, response) => response.writeHead(200, { "content-type": "text/xml" }).end(DESCRIPTION)).listen(8081, own);
createHttps({ cert: readFileSync(join(folder, "cert.pem")), key: readFileSync(join(folder, "key.pem")) }, (_, response) =>
  response.writeHead(301, { location: `https://${elsewhere}/` }).end(),
).listen(443, own);

createServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.on("data", (request) => {
    const sequence = /CSeq: *(\d+)/i.exec(request.toString("latin1"))?.[1] ?? "1";
    const head = request.toString("latin1").startsWith("OPTIONS")
      ? ["RTSP/1.0 200 OK", "Public: OPTIONS, DESCRIBE"]
      : ["RTSP/1.0 302 Moved", `Location: rtsp://${elsewhere}/live`];
    socket.write([...head, `CSeq: ${sequence}`, "", ""].join("\r\n"));
  });
}).listen(554, own);

const mdns = multicastDns({ interface: own, bind: "0.0.0.0" });
const answers: readonly multicastDns.Record[] = (["_http._tcp.local", "_rtsp._tcp.local"] as const).flatMap((type, n) => [
  { name: type, type: "PTR" as const, ttl: 60, data: `Lure.${type}` },
  { name: `Lure.${type}`, type: "SRV" as const, ttl: 60, data: { port: n === 0 ? 80 : 554, target: "elsewhere.local" } },
  { name: `Lure.${type}`, type: "TXT" as const, ttl: 60, data: ["path=/"] },
  { name: "elsewhere.local", type: "A" as const, ttl: 60, data: elsewhere },
]);
// Also to the port that asked: a search comes from one of its own (RFC 6762 6.7).
mdns.on("query", (_, from) => mdns.respond({ answers }, from));
setInterval(() => mdns.respond({ answers }), AGAIN_MS);
