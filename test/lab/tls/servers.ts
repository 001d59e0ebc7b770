/** Real TLS servers on loopback, strong and weak, each with certificates made for the run. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, output, startServer, stop } from "./program.ts";

export interface LabServer {
  readonly name: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface Lab {
  /** Holds cert.pem, key.pem, ecdsa.pem, ecdsa-key.pem, dh.pem (1024 bits), openssl.cnf and an NSS database. */
  readonly folder: string;
  start(name: ServerName): Promise<LabServer>;
  /** `openssl s_server` with the RSA certificate and further arguments. */
  startOpenssl(args: readonly string[]): Promise<LabServer>;
  close(): Promise<void>;
}

export const SERVER_NAMES = ["nginx-modern", "nginx-weak", "openssl-everything", "gnutls-everything", "nss-old"] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

/** The program that must be installed for each. */
export const PROGRAM_OF: Readonly<Record<ServerName, string>> = {
  "nginx-modern": "nginx",
  "nginx-weak": "nginx",
  "openssl-everything": "openssl",
  "gnutls-everything": "gnutls-serv",
  "nss-old": "selfserv",
};

/** OpenSSL without the distribution's own floor of versions and key sizes. */
export function opensslEnvironment(folder: string): NodeJS.ProcessEnv {
  return { ...process.env, OPENSSL_CONF: join(folder, "openssl.cnf") };
}

const EVERYTHING = "ALL:eNULL:aNULL:@SECLEVEL=0";

/** GnuTLS's words for what it still has; RC4, 3DES and the anonymous exchanges must be named. NULL and MD5 would cost it TLS 1.3. */
const GNUTLS_PRIORITY = [
  "NORMAL:%SERVER_PRECEDENCE:+VERS-ALL:-VERS-DTLS-ALL",
  "+ARCFOUR-128:+3DES-CBC:+CAMELLIA-128-CBC:+CAMELLIA-256-CBC:+CAMELLIA-128-GCM:+CAMELLIA-256-GCM:+AES-128-CCM-8:+AES-256-CCM-8",
  "+ANON-DH:+ANON-ECDH:+DHE-RSA:+RSA:+SHA1:+SHA256:+SHA384:+SIGN-ALL:+GROUP-ALL",
].join(":");

export async function openLab(): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), "vedette-tls-"));
  const at = (name: string) => join(folder, name);
  await writeFile(at("openssl.cnf"), "");

  await output("openssl", [
    "req",
    "-x509",
    "-nodes",
    "-days",
    "30",
    "-newkey",
    "rsa:2048",
    "-keyout",
    at("key.pem"),
    "-out",
    at("cert.pem"),
    "-subj",
    "/CN=lab.test",
  ]);
  await output("openssl", [
    "req",
    "-x509",
    "-nodes",
    "-days",
    "30",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-keyout",
    at("ecdsa-key.pem"),
    "-out",
    at("ecdsa.pem"),
    "-subj",
    "/CN=lab.test",
  ]);
  await output("openssl", ["dhparam", "-out", at("dh.pem"), "1024"]);
  const running = new Set<LabServer>();

  async function launch(name: string, port: number, { program, args }: Command): Promise<LabServer> {
    const child = await startServer(program, args, port, opensslEnvironment(folder));
    const server: LabServer = {
      name,
      port,
      close: async () => {
        running.delete(server);
        await stop(child);
      },
    };
    running.add(server);
    return server;
  }

  return {
    folder,
    async start(name) {
      const port = await freePort();
      return launch(name, port, await commandOf(name, folder, port));
    },
    async startOpenssl(args) {
      const port = await freePort();
      const fixed = ["s_server", "-accept", `127.0.0.1:${port}`, "-www", "-quiet", "-cert", at("cert.pem"), "-key", at("key.pem")];
      return launch("openssl", port, { program: "openssl", args: [...fixed, ...args] });
    },
    async close() {
      for (const server of running) await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

async function commandOf(name: ServerName, folder: string, port: number): Promise<Command> {
  const at = (file: string) => join(folder, file);
  switch (name) {
    case "nginx-modern":
      return nginx(folder, port, ["ssl_protocols TLSv1.2 TLSv1.3", "ssl_ciphers HIGH:!aNULL", "ssl_prefer_server_ciphers on"]);
    case "nginx-weak":
      return nginx(folder, port, [
        "ssl_protocols SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
        `ssl_ciphers ${EVERYTHING}`,
        `ssl_dhparam ${at("dh.pem")}`,
        "ssl_ecdh_curve X25519:prime256v1:secp384r1",
      ]);
    case "openssl-everything":
      return {
        program: "openssl",
        args: [
          "s_server",
          "-accept",
          `127.0.0.1:${port}`,
          "-www",
          "-quiet",
          "-cert",
          at("cert.pem"),
          "-key",
          at("key.pem"),
          "-dcert",
          at("ecdsa.pem"),
          "-dkey",
          at("ecdsa-key.pem"),
          "-dhparam",
          at("dh.pem"),
          "-cipher",
          EVERYTHING,
          "-legacy_renegotiation",
          "-min_protocol",
          "TLSv1",
        ],
      };
    case "gnutls-everything":
      return {
        program: "gnutls-serv",
        args: [
          "--http",
          "--quiet",
          "--port",
          String(port),
          "--x509certfile",
          at("cert.pem"),
          "--x509keyfile",
          at("key.pem"),
          "--dhparams",
          at("dh.pem"),
          "--priority",
          GNUTLS_PRIORITY,
        ],
      };
    case "nss-old":
      return nss(folder, port);
  }
}

async function nginx(folder: string, port: number, lines: readonly string[]): Promise<Command> {
  const prefix = join(folder, `nginx-${port}`);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${prefix}-${kind};`);
  const config = `daemon off; master_process off; error_log ${prefix}.log; pid ${prefix}.pid;
events { worker_connections 256; }
http {
  access_log off; ${temporary.join(" ")}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${join(folder, "cert.pem")}; ssl_certificate_key ${join(folder, "key.pem")};
    ${lines.map((line) => `${line};`).join("\n    ")}
  }
}
`;
  await writeFile(`${prefix}.conf`, config);
  return { program: "nginx", args: ["-p", folder, "-c", `${prefix}.conf`] };
}

/** Every suite that NSS's test server still knows, SSL 3.0 to TLS 1.2. */
async function nss(folder: string, port: number): Promise<Command> {
  const database = join(folder, "nss");
  const bundle = join(folder, "bundle.p12");
  await output("mkdir", ["-p", database]);
  await output("certutil", ["-N", "-d", database, "--empty-password"]);
  await output("openssl", [
    "pkcs12",
    "-export",
    "-in",
    join(folder, "cert.pem"),
    "-inkey",
    join(folder, "key.pem"),
    "-name",
    "lab",
    "-passout",
    "pass:",
    "-out",
    bundle,
  ]);
  await output("pk12util", ["-i", bundle, "-d", database, "-W", "", "-K", ""]);
  return { program: "selfserv", args: ["-d", database, "-n", "lab", "-p", String(port), "-V", "ssl3:tls1.2", "-c", NSS_SUITES] };
}

const NSS_SUITES = [
  0x0001, 0x0002, 0x003b, 0x0004, 0x0005, 0x000a, 0x0009, 0x002f, 0x0035, 0x003c, 0x003d, 0x0041, 0x0084, 0x0096, 0x009c, 0x009d, 0x0016,
  0x0033, 0x0039, 0x0067, 0x006b, 0x009e, 0x009f, 0x0045, 0x0088, 0xc010, 0xc011, 0xc012, 0xc013, 0xc014, 0xc027, 0xc028, 0xc02f, 0xc030,
  0xcca8, 0xccaa,
]
  .map((id) => `:${id.toString(16).padStart(4, "0").toUpperCase()}`)
  .join("");
