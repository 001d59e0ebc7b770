"""A camera's stream by gst-rtsp-server: server.py PORT PATH [USER PASSWORD REALM]. With a user, Digest is asked for (RFC 2617)."""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PIPELINE = "( videotestsrc is-live=true ! jpegenc ! rtpjpegpay name=pay0 pt=26 audiotestsrc is-live=true ! alawenc ! rtppcmapay name=pay1 pt=8 )"


def main(port, path, user=None, password=None, realm=None):
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(PIPELINE)
    factory.set_shared(True)
    if user is not None:
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", user)
        auth = GstRtspServer.RTSPAuth()
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.set_realm(realm)
        auth.add_digest(user, password, token)
        server.set_auth(auth)
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role(user, "media.factory.access", True)
        permissions.add_permission_for_role(user, "media.factory.construct", True)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory(path, factory)
    server.attach(None)
    GLib.MainLoop().run()


main(*sys.argv[1:])
