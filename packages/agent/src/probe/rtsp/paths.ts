/**
 * RTSP paths that devices serve their streams at, as their makers' manuals publish them. Asked in this order.
 * Paths that carry an account are left out: asking for them would be a login.
 */

export interface UsualPath {
  readonly path: string;
  readonly vendors: readonly string[];
}

export const USUAL_PATHS: readonly UsualPath[] = [
  { path: "/", vendors: ["many"] },
  { path: "/Streaming/Channels/101", vendors: ["Hikvision", "HiLook", "Annke"] },
  { path: "/h264/ch1/main/av_stream", vendors: ["Hikvision, older"] },
  { path: "/cam/realmonitor?channel=1&subtype=0", vendors: ["Dahua", "Amcrest", "Lorex"] },
  { path: "/axis-media/media.amp", vendors: ["Axis"] },
  { path: "/live", vendors: ["many"] },
  { path: "/live/ch00_0", vendors: ["VIVOTEK-like", "Foscam OEM"] },
  { path: "/live.sdp", vendors: ["VIVOTEK", "D-Link"] },
  { path: "/live1.sdp", vendors: ["D-Link"] },
  { path: "/live2.sdp", vendors: ["VIVOTEK"] },
  { path: "/h264", vendors: ["Bosch", "many"] },
  { path: "/h264Preview_01_main", vendors: ["Reolink"] },
  { path: "/H264?channel=1&subtype=0&unicast=true&proto=Onvif", vendors: ["GW Security", "Dahua OEM"] },
  { path: "/stream0", vendors: ["Anjvision"] },
  { path: "/stream1", vendors: ["TP-Link", "GeoVision-like"] },
  { path: "/onvif1", vendors: ["Yoosee", "many"] },
  { path: "/profile1/media.smp", vendors: ["Hanwha"] },
  { path: "/media/video1", vendors: ["Sony", "Uniview"] },
  { path: "/mpeg4/media.amp", vendors: ["Axis, older"] },
  { path: "/MediaInput/h264", vendors: ["Panasonic"] },
  { path: "/videoMain", vendors: ["Foscam"] },
  { path: "/11", vendors: ["HiSilicon OEM"] },
  { path: "/ch01/0", vendors: ["ACTi", "Brickcom"] },
];
