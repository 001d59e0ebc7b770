/**
 * TLS cipher suites by their 16-bit number, as registered at IANA ("TLS Cipher Suites", state of 2026-11-01),
 * with the unregistered numbers that old stacks really used, and the 24-bit kinds of SSL 2.0.
 * The registry is regular: a family is a first number, key exchanges and ciphers, counted through in that order.
 */

type Family = readonly [first: number, keyExchanges: string, ciphers: string];

const DES_TRIO = "EXPORT_WITH_DES40_CBC_SHA WITH_DES_CBC_SHA WITH_3DES_EDE_CBC_SHA";
const STATIC_AND_DHE = "RSA DH_DSS DH_RSA DHE_DSS DHE_RSA DH_anon";
const EC_FIVE = "WITH_NULL_SHA WITH_RC4_128_SHA WITH_3DES_EDE_CBC_SHA WITH_AES_128_CBC_SHA WITH_AES_256_CBC_SHA";
const PSK_FOUR = "WITH_RC4_128_SHA WITH_3DES_EDE_CBC_SHA WITH_AES_128_CBC_SHA WITH_AES_256_CBC_SHA";
const cbc = (cipher: string) => `WITH_${cipher}_128_CBC_SHA256 WITH_${cipher}_256_CBC_SHA384`;
const gcm = (cipher: string) => `WITH_${cipher}_128_GCM_SHA256 WITH_${cipher}_256_GCM_SHA384`;
const ccm = (tag: string) => `WITH_AES_128_CCM${tag} WITH_AES_256_CCM${tag}`;

const FAMILIES: readonly Family[] = [
  [0x0000, "NULL", "WITH_NULL_NULL"],
  [
    0x0001,
    "RSA",
    "WITH_NULL_MD5 WITH_NULL_SHA EXPORT_WITH_RC4_40_MD5 WITH_RC4_128_MD5 WITH_RC4_128_SHA EXPORT_WITH_RC2_CBC_40_MD5 WITH_IDEA_CBC_SHA",
  ],
  [0x0008, "RSA DH_DSS DH_RSA DHE_DSS DHE_RSA", DES_TRIO],
  [0x0017, "DH_anon", `EXPORT_WITH_RC4_40_MD5 WITH_RC4_128_MD5 ${DES_TRIO}`],
  [0x001e, "KRB5", "WITH_DES_CBC_SHA WITH_3DES_EDE_CBC_SHA WITH_RC4_128_SHA WITH_IDEA_CBC_SHA"],
  [0x0022, "KRB5", "WITH_DES_CBC_MD5 WITH_3DES_EDE_CBC_MD5 WITH_RC4_128_MD5 WITH_IDEA_CBC_MD5"],
  [0x0026, "KRB5", "EXPORT_WITH_DES_CBC_40_SHA EXPORT_WITH_RC2_CBC_40_SHA EXPORT_WITH_RC4_40_SHA"],
  [0x0029, "KRB5", "EXPORT_WITH_DES_CBC_40_MD5 EXPORT_WITH_RC2_CBC_40_MD5 EXPORT_WITH_RC4_40_MD5"],
  [0x002c, "PSK DHE_PSK RSA_PSK", "WITH_NULL_SHA"],
  [0x002f, STATIC_AND_DHE, "WITH_AES_128_CBC_SHA"],
  [0x0035, STATIC_AND_DHE, "WITH_AES_256_CBC_SHA"],
  [0x003b, "RSA", "WITH_NULL_SHA256 WITH_AES_128_CBC_SHA256 WITH_AES_256_CBC_SHA256"],
  [0x003e, "DH_DSS DH_RSA DHE_DSS", "WITH_AES_128_CBC_SHA256"],
  [0x0041, STATIC_AND_DHE, "WITH_CAMELLIA_128_CBC_SHA"],
  [0x0067, "DHE_RSA", "WITH_AES_128_CBC_SHA256"],
  [0x0068, "DH_DSS DH_RSA DHE_DSS DHE_RSA", "WITH_AES_256_CBC_SHA256"],
  [0x006c, "DH_anon", "WITH_AES_128_CBC_SHA256 WITH_AES_256_CBC_SHA256"],
  [0x0084, STATIC_AND_DHE, "WITH_CAMELLIA_256_CBC_SHA"],
  [0x008a, "PSK DHE_PSK RSA_PSK", PSK_FOUR],
  [0x0096, STATIC_AND_DHE, "WITH_SEED_CBC_SHA"],
  [0x009c, "RSA DHE_RSA DH_RSA DHE_DSS DH_DSS DH_anon PSK DHE_PSK RSA_PSK", gcm("AES")],
  [0x00ae, "PSK DHE_PSK RSA_PSK", `${cbc("AES")} WITH_NULL_SHA256 WITH_NULL_SHA384`],
  [0x00ba, STATIC_AND_DHE, "WITH_CAMELLIA_128_CBC_SHA256"],
  [0x00c0, STATIC_AND_DHE, "WITH_CAMELLIA_256_CBC_SHA256"],
  [0x00c6, "", "SM4_GCM_SM3 SM4_CCM_SM3"],
  [0x00ff, "", "EMPTY_RENEGOTIATION_INFO_SCSV"],
  [
    0x1301,
    "",
    "AES_128_GCM_SHA256 AES_256_GCM_SHA384 CHACHA20_POLY1305_SHA256 AES_128_CCM_SHA256 AES_128_CCM_8_SHA256 AEGIS_256_SHA512 AEGIS_128L_SHA256",
  ],
  [0x5600, "", "FALLBACK_SCSV"],
  [0xc001, "ECDH_ECDSA ECDHE_ECDSA ECDH_RSA ECDHE_RSA ECDH_anon", EC_FIVE],
  [0xc01a, "SRP_SHA SRP_SHA_RSA SRP_SHA_DSS", "WITH_3DES_EDE_CBC_SHA"],
  [0xc01d, "SRP_SHA SRP_SHA_RSA SRP_SHA_DSS", "WITH_AES_128_CBC_SHA"],
  [0xc020, "SRP_SHA SRP_SHA_RSA SRP_SHA_DSS", "WITH_AES_256_CBC_SHA"],
  [0xc023, "ECDHE_ECDSA ECDH_ECDSA ECDHE_RSA ECDH_RSA", cbc("AES")],
  [0xc02b, "ECDHE_ECDSA ECDH_ECDSA ECDHE_RSA ECDH_RSA", gcm("AES")],
  [0xc033, "ECDHE_PSK", `${PSK_FOUR} ${cbc("AES")} WITH_NULL_SHA WITH_NULL_SHA256 WITH_NULL_SHA384`],
  [0xc03c, `${STATIC_AND_DHE} ECDHE_ECDSA ECDH_ECDSA ECDHE_RSA ECDH_RSA`, cbc("ARIA")],
  [0xc050, "RSA DHE_RSA DH_RSA DHE_DSS DH_DSS DH_anon ECDHE_ECDSA ECDH_ECDSA ECDHE_RSA ECDH_RSA", gcm("ARIA")],
  [0xc064, "PSK DHE_PSK RSA_PSK", cbc("ARIA")],
  [0xc06a, "PSK DHE_PSK RSA_PSK", gcm("ARIA")],
  [0xc070, "ECDHE_PSK", cbc("ARIA")],
  [0xc072, "ECDHE_ECDSA ECDH_ECDSA ECDHE_RSA ECDH_RSA", cbc("CAMELLIA")],
  [0xc07a, "RSA DHE_RSA DH_RSA DHE_DSS DH_DSS DH_anon ECDHE_ECDSA ECDH_ECDSA ECDHE_RSA ECDH_RSA PSK DHE_PSK RSA_PSK", gcm("CAMELLIA")],
  [0xc094, "PSK DHE_PSK RSA_PSK ECDHE_PSK", cbc("CAMELLIA")],
  [0xc09c, "RSA DHE_RSA", ccm("")],
  [0xc0a0, "RSA DHE_RSA", ccm("_8")],
  [0xc0a4, "PSK DHE_PSK", ccm("")],
  [0xc0a8, "PSK PSK_DHE", ccm("_8")],
  [0xc0ac, "ECDHE_ECDSA", `${ccm("")} ${ccm("_8")}`],
  [0xc0b0, "ECCPWD", `${gcm("AES")} WITH_AES_128_CCM_SHA256 WITH_AES_256_CCM_SHA384`],
  [0xc0b4, "", "SHA256_SHA256 SHA384_SHA384"],
  [
    0xc100,
    "GOSTR341112_256",
    "WITH_KUZNYECHIK_CTR_OMAC WITH_MAGMA_CTR_OMAC WITH_28147_CNT_IMIT WITH_KUZNYECHIK_MGM_L WITH_MAGMA_MGM_L WITH_KUZNYECHIK_MGM_S WITH_MAGMA_MGM_S",
  ],
  [0xcca8, "ECDHE_RSA ECDHE_ECDSA DHE_RSA PSK ECDHE_PSK DHE_PSK RSA_PSK", "WITH_CHACHA20_POLY1305_SHA256"],
  [0xd001, "ECDHE_PSK", `${gcm("AES")} WITH_AES_128_CCM_8_SHA256`],
  [0xd005, "ECDHE_PSK", "WITH_AES_128_CCM_SHA256"],
];

/** Numbers that were never registered, or whose registration was withdrawn, and that deployed servers answer to. */
const UNREGISTERED: readonly Family[] = [
  [0x0060, "RSA", "EXPORT1024_WITH_RC4_56_MD5 EXPORT1024_WITH_RC2_CBC_56_MD5 EXPORT1024_WITH_DES_CBC_SHA"],
  [0x0063, "DHE_DSS", "EXPORT1024_WITH_DES_CBC_SHA"],
  [0x0064, "RSA DHE_DSS", "EXPORT1024_WITH_RC4_56_SHA"],
  [0x0066, "DHE_DSS", "WITH_RC4_128_SHA"],
  [0x0080, "GOSTR341094 GOSTR341001", "WITH_28147_CNT_IMIT"],
  [0x0082, "GOSTR341094 GOSTR341001", "WITH_NULL_GOSTR3411"],
  [0xcc13, "ECDHE_RSA ECDHE_ECDSA DHE_RSA", "WITH_CHACHA20_POLY1305_SHA256"],
  [0xff85, "GOSTR341112_256", "WITH_28147_CNT_IMIT"],
];

/** SSL 3.0 names that bear no TLS prefix. */
const SSL3: readonly (readonly [number, string])[] = [
  [0x001c, "SSL_FORTEZZA_KEA_WITH_NULL_SHA"],
  [0x001d, "SSL_FORTEZZA_KEA_WITH_FORTEZZA_CBC_SHA"],
  [0xfefe, "SSL_RSA_FIPS_WITH_DES_CBC_SHA"],
  [0xfeff, "SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA"],
  [0xffe0, "SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA"],
  [0xffe1, "SSL_RSA_FIPS_WITH_DES_CBC_SHA"],
];

/** SSL 2.0 cipher kinds, three bytes (the SSL Protocol, Hickman 1995, C.4). */
const SSL2: readonly (readonly [number, string])[] = [
  [0x010080, "SSL_CK_RC4_128_WITH_MD5"],
  [0x020080, "SSL_CK_RC4_128_EXPORT40_WITH_MD5"],
  [0x030080, "SSL_CK_RC2_128_CBC_WITH_MD5"],
  [0x040080, "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5"],
  [0x050080, "SSL_CK_IDEA_128_CBC_WITH_MD5"],
  [0x060040, "SSL_CK_DES_64_CBC_WITH_MD5"],
  [0x060140, "SSL_CK_DES_64_CBC_WITH_SHA"],
  [0x0700c0, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"],
  [0x0701c0, "SSL_CK_DES_192_EDE3_CBC_WITH_SHA"],
  [0x080080, "SSL_CK_RC4_64_WITH_MD5"],
];

function expand(families: readonly Family[]): [number, string][] {
  return families.flatMap(([first, keyExchanges, ciphers]) => {
    const names = keyExchanges
      .split(" ")
      .flatMap((kx) => ciphers.split(" ").map((cipher) => (kx === "" ? `TLS_${cipher}` : `TLS_${kx}_${cipher}`)));
    return names.map((name, i): [number, string] => [first + i, name]);
  });
}

/** Number to name, registered suites only. */
export const REGISTERED_SUITES: ReadonlyMap<number, string> = new Map(expand(FAMILIES));
/** Number to name, whatever is known: registered, unregistered, SSL 3.0 and SSL 2.0. */
export const SUITE_NAMES: ReadonlyMap<number, string> = new Map([...expand(UNREGISTERED), ...SSL3, ...SSL2, ...REGISTERED_SUITES]);
