#!/bin/sh
# Installs the Debian packages that the tests use, and starts none of their services.
# Real products are tested against, so that our own reading of a protocol is never its only witness.
set -eu

# package                         why
wanted='
iproute2                          network namespaces of the lab
nginx-light                       TLS servers, modern and weak
openssl                           s_server with everything on, certificates of the lab
gnutls-bin                        gnutls-serv: a second TLS implementation
libnss3-tools                     selfserv: a third one
sslscan                           peer of tls.handshake
nmap                              peer of tls.handshake and tcp.connect
tshark                            peer of wifi.bss
strace                            shows what reaches the disk before an append returns
snmpd                             a real SNMP agent
snmp                              snmpbulkwalk, peer of snmp.system
avahi-daemon                      a real mDNS responder
avahi-utils                       avahi-browse, peer of mdns.browse
minidlna                          a real UPnP device
wsdd                              a real WS-Discovery host
openssh-server                    a service that is no debug mode
python3-gi                        runs the RTSP server
gir1.2-gst-rtsp-server-1.0        a real RTSP server
gstreamer1.0-plugins-base         its test picture
gstreamer1.0-plugins-good         its RTP payloader
gstreamer1.0-plugins-ugly         its H.264 encoder
chromium                          the console is tested in a browser
fonts-noto-cjk                    Traditional Chinese on screenshots
'

[ -f /etc/debian_version ] || {
  echo "vedette: no Debian here: install these by hand, or the tests that need them are skipped with a notice:" >&2
  echo "$wanted" | awk 'NF { print "  " $0 }' >&2
  exit 0
}

missing=''
for name in $(echo "$wanted" | awk 'NF { print $1 }'); do
  dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q '^install ok installed' || missing="$missing $name"
done
[ -n "$missing" ] || exit 0

as_root=''
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null 2>&1 || {
    echo "vedette: tests need root or sudo once, to install:$missing" >&2
    exit 3
  }
  as_root=sudo
fi

echo "vedette: installing Debian packages that tests use (no service of theirs is started):"
for name in $missing; do echo "$wanted" | awk -v n="$name" '$1 == n { print "  " $0 }'; done

# A policy of our own for the time of the install keeps the packages from starting daemons on this machine.
policy=/usr/sbin/policy-rc.d
made=''
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
  $as_root chmod 755 "$policy"
  made=yes
fi
trap '[ -z "$made" ] || $as_root rm -f "$policy"' EXIT

log=$(mktemp)
{
  $as_root apt-get update -qq
  # shellcheck disable=SC2086 # names are words
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
} >"$log" 2>&1 || {
  tail -n 15 "$log"
  echo "vedette: apt-get could not install them; the lines above say why." >&2
  exit 3
}
rm -f "$log"
