/** TLS of the control server: client certificates are asked for and not demanded, since an agent enrols without one; each call checks. */
import { experimental, type ServerCredentials } from "@grpc/grpc-js";
import type { Authority } from "../keys/authority.ts";

/** Renewed in place well before its end, so that no restart is needed. */
const RENEW_BEFORE_MS = 30 * 86_400_000;
const CHECK_MS = 12 * 3_600_000;

type Provider = experimental.CertificateProvider;
type IdentityListener = Parameters<Provider["addIdentityCertificateListener"]>[0];
type CaListener = Parameters<Provider["addCaCertificateListener"]>[0];

export interface ControlCredentials {
  readonly credentials: ServerCredentials;
  close(): void;
}

export async function controlCredentials(authority: Authority, names: readonly string[], now: () => number): Promise<ControlCredentials> {
  let server = await authority.issueServer(names, now());
  const identity = new Set<IdentityListener>();
  const tell = (listener: IdentityListener) =>
    listener({ certificate: Buffer.from(server.certificate), privateKey: Buffer.from(server.key) });
  const provider: Provider = {
    // Told a moment later: grpc-js adds its own watcher only after these calls have returned.
    addCaCertificateListener: (listener: CaListener) => queueMicrotask(() => listener({ caCertificate: Buffer.from(authority.pem) })),
    removeCaCertificateListener: () => undefined,
    addIdentityCertificateListener(listener: IdentityListener) {
      identity.add(listener);
      queueMicrotask(() => tell(listener));
    },
    removeIdentityCertificateListener: (listener: IdentityListener) => identity.delete(listener),
  };
  const timer = setInterval(async () => {
    if (server.expiresAt - now() > RENEW_BEFORE_MS) return;
    server = await authority.issueServer(names, now());
    for (const listener of identity) tell(listener);
  }, CHECK_MS);
  timer.unref();
  return {
    credentials: experimental.createCertificateProviderServerCredentials(provider, provider, false),
    close: () => clearInterval(timer),
  };
}
