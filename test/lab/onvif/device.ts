/**
 * An ONVIF camera: node device.ts OWN. WS-Discovery at 3702 and a device service at 80, by Node's own sockets, none of the agent's code. It tells its clock to anybody
 * and who it is to nobody without Digest, as ONVIF Core Specification 5.12 has it; a second service at 8000 tells both, as many recorders do.
 */
import { createSocket } from "node:dgram";
import { createServer } from "node:http";

const [own = ""] = process.argv.slice(2);
const GROUP = "239.255.255.250";
const NAMESPACES =
  'xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:wsdd="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"';
const XML = '<?xml version="1.0" encoding="UTF-8"?>';
const CAMERA = {
  uuid: "6a0b7f0e-5d6c-4a57-8f3a-0200c6120016",
  type: "dn:NetworkVideoTransmitter",
  scopes: "onvif://www.onvif.org/hardware/LC-200 onvif://www.onvif.org/name/Lab%20camera onvif://www.onvif.org/Profile/Streaming",
  xAddrs: `http://${own}/onvif/device_service http://169.254.7.7/onvif/device_service`,
};
const RECORDER = {
  uuid: "6a0b7f0e-5d6c-4a57-8f3a-0200c6121f40",
  type: "tds:Device",
  scopes: "onvif://www.onvif.org/hardware/LR-8",
  xAddrs: `http://${own}:8000/onvif/services`,
};

function match({ uuid, type, scopes, xAddrs }: typeof CAMERA): string {
  return `<wsdd:ProbeMatch><wsa:EndpointReference><wsa:Address>urn:uuid:${uuid}</wsa:Address></wsa:EndpointReference><wsdd:Types>${type}</wsdd:Types><wsdd:Scopes>${scopes}</wsdd:Scopes><wsdd:XAddrs>${xAddrs}</wsdd:XAddrs><wsdd:MetadataVersion>1</wsdd:MetadataVersion></wsdd:ProbeMatch>`;
}

const discovery = createSocket({ type: "udp4", reuseAddr: true }).bind(3702, () => discovery.addMembership(GROUP, own));
discovery.on("message", (message, from) => {
  const text = message.toString("utf8");
  // As many cameras: it knows its own type alone.
  if (!text.includes("ver10/network/wsdl") || !/:Probe>/.test(text)) return;
  const id = /MessageID>([^<]{1,64})</.exec(text)?.[1] ?? "";
  const header = `<SOAP-ENV:Header><wsa:RelatesTo>${id}</wsa:RelatesTo><wsdd:AppSequence InstanceId="77" MessageNumber="1"></wsdd:AppSequence></SOAP-ENV:Header>`;
  const body = `<wsdd:ProbeMatches>${match(CAMERA)}${match(RECORDER)}</wsdd:ProbeMatches>`;
  discovery.send(
    `${XML}<SOAP-ENV:Envelope ${NAMESPACES}>${header}<SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`,
    from.port,
    from.address,
  );
});

const clock = (): string => {
  const now = new Date();
  const time = `<tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute><tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time>`;
  const date = `<tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year><tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day></tt:Date>`;
  return `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>CST-8</tt:TZ></tt:TimeZone><tt:UTCDateTime>${time}${date}</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`;
};
const WHO =
  "<tds:GetDeviceInformationResponse><tds:Manufacturer>Lab</tds:Manufacturer><tds:Model>LR-8</tds:Model><tds:FirmwareVersion>2.4.1</tds:FirmwareVersion><tds:SerialNumber>LR8-0000042</tds:SerialNumber><tds:HardwareId>1.0</tds:HardwareId></tds:GetDeviceInformationResponse>";

function serve(path: string, port: number, open: boolean): void {
  createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString("utf8");
    });
    request.on("end", () => {
      if (request.method !== "POST" || request.url !== path) return void response.writeHead(404).end();
      const answer = body.includes("<GetSystemDateAndTime ") ? clock() : open && body.includes("<GetDeviceInformation ") ? WHO : undefined;
      if (answer === undefined)
        return void response.writeHead(401, { "www-authenticate": 'Digest realm="LC-200", qop="auth", nonce="42"' }).end();
      response.writeHead(200, { "content-type": "application/soap+xml; charset=utf-8", server: "lab" });
      response.end(`${XML}<SOAP-ENV:Envelope ${NAMESPACES}><SOAP-ENV:Body>${answer}</SOAP-ENV:Body></SOAP-ENV:Envelope>`);
    });
  }).listen(port, own);
}
serve("/onvif/device_service", 80, false);
serve("/onvif/services", 8000, true);
