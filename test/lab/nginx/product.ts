/** nginx as a device that is well kept, and as one that is not. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LabHost } from "../network.ts";
import type { Product } from "../product.ts";
import { type Running, ready, start } from "../program.ts";
import { output } from "../tls/program.ts";
import modern from "./expected-modern.json" with { type: "json" };
import weak from "./expected-weak.json" with { type: "json" };

/** Redirects to https, TLS 1.2 and 1.3 with forward secrecy. */
export const nginxModern: Product = {
  name: "nginx-modern",
  address: "198.18.0.14",
  programs: ["nginx", "openssl"],
  expected: modern,
  async start(host, folder) {
    await makeCertificate(folder, "camera-14.lab.test", "rsa:2048");
    return run(
      host,
      folder,
      [
        "listen 443 ssl",
        "ssl_protocols TLSv1.2 TLSv1.3",
        "ssl_ciphers ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256",
        "ssl_conf_command Ciphersuites TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256",
        "ssl_prefer_server_ciphers on",
        "ssl_ecdh_curve X25519:prime256v1",
        "add_header Strict-Transport-Security max-age=31536000",
        "add_header X-Frame-Options DENY",
        "default_type text/html",
        'return 200 "<title>Lab camera 14</title><form><input type=password></form>"',
      ],
      ["return 301 https://$host$request_uri"],
    );
  },
};

/** Basic authentication in clear, TLS 1.0 and 1.1 with a short key and a short prime. */
export const nginxWeak: Product = {
  name: "nginx-weak",
  address: "198.18.0.15",
  programs: ["nginx", "openssl"],
  expected: weak,
  async start(host, folder) {
    await makeCertificate(folder, "camera-15.lab.test", "rsa:1024");
    await output("openssl", ["dhparam", "-out", join(folder, "dh.pem"), "1024"]);
    await writeFile(join(folder, "accounts"), "admin:{PLAIN}not-asked-for\n");
    const login = ['auth_basic "Lab camera 15"', `auth_basic_user_file ${join(folder, "accounts")}`];
    return run(
      host,
      folder,
      [
        "listen 443 ssl",
        "ssl_protocols TLSv1 TLSv1.1",
        "ssl_ciphers AES256-SHA:DHE-RSA-AES128-SHA:AES128-SHA:@SECLEVEL=0",
        `ssl_dhparam ${join(folder, "dh.pem")}`,
        ...login,
      ],
      login,
    );
  },
};

/** OpenSSL without the distribution's floor of versions and key sizes. */
const NO_FLOOR = `openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = floor
[floor]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
`;

async function makeCertificate(folder: string, name: string, key: string): Promise<void> {
  const at = (file: string) => join(folder, file);
  await writeFile(at("openssl.cnf"), NO_FLOOR);
  const names = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  await output("openssl", [
    "req",
    "-x509",
    "-nodes",
    "-days",
    "30",
    "-newkey",
    key,
    "-keyout",
    at("key.pem"),
    "-out",
    at("cert.pem"),
    ...names,
  ]);
}

async function run(host: LabHost, folder: string, tls: readonly string[], clear: readonly string[]): Promise<Running> {
  const at = (file: string) => join(folder, file);
  const block = (lines: readonly string[]) => `server { ${lines.map((line) => `${line};`).join(" ")} }`;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${at(kind)};`);
  await writeFile(
    at("nginx.conf"),
    `daemon off; master_process off; error_log ${at("error.log")}; pid ${at("pid")};
events { worker_connections 256; }
http {
  access_log off; server_tokens off; ${temporary.join(" ")}
  ssl_certificate ${at("cert.pem")}; ssl_certificate_key ${at("key.pem")};
  ${block(["listen 80", ...clear])}
  ${block(tls)}
}
`,
  );
  const running = start(host, "nginx", ["-p", folder, "-e", at("error.log"), "-c", at("nginx.conf")], {
    env: { OPENSSL_CONF: at("openssl.cnf") },
  });
  return ready(running, ["tcp/80", "tcp/443"]);
}
