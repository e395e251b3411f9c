"""Sound devices of Windows: Core Audio's documented interfaces, called from PowerShell, as JSON.

Endpoints and their defaults come from IMMDeviceEnumerator, mute and level from IAudioEndpointVolume, names
and the hardware's id from the endpoint's properties in the registry."""

from __future__ import annotations

import json
import re

from .programs import powershell, run
from .protocol import Json, Unavailable

SECONDS = 30.0

CORE_AUDIO = r"""
$ErrorActionPreference='Stop'
Add-Type -TypeDefinition @'
using System;
using System.Runtime.InteropServices;
[ComImport, Guid("D666063F-1587-4E43-81F1-B948E807363F"), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
public interface IMMDevice {
  [PreserveSig] int Activate(
    ref Guid iid, int context, IntPtr none, [MarshalAs(UnmanagedType.IUnknown)] out object it);
  [PreserveSig] int OpenPropertyStore(int access, out IntPtr store);
  [PreserveSig] int GetId([MarshalAs(UnmanagedType.LPWStr)] out string id);
  [PreserveSig] int GetState(out int state);
}
[ComImport, Guid("0BD7A1BE-7A1A-44DB-8397-CC5392387B5E"), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
public interface IMMDeviceCollection {
  [PreserveSig] int GetCount(out uint count);
  [PreserveSig] int Item(uint index, out IMMDevice device);
}
[ComImport, Guid("A95664D2-9614-4F35-A746-DE8DB63617E6"), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
public interface IMMDeviceEnumerator {
  [PreserveSig] int EnumAudioEndpoints(int flow, int states, out IMMDeviceCollection devices);
  [PreserveSig] int GetDefaultAudioEndpoint(int flow, int role, out IMMDevice device);
  [PreserveSig] int GetDevice([MarshalAs(UnmanagedType.LPWStr)] string id, out IMMDevice device);
}
[ComImport, Guid("5CDF2C82-841E-4546-9722-0CF74078229A"), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
public interface IAudioEndpointVolume {
  [PreserveSig] int RegisterControlChangeNotify(IntPtr notify);
  [PreserveSig] int UnregisterControlChangeNotify(IntPtr notify);
  [PreserveSig] int GetChannelCount(out uint count);
  [PreserveSig] int SetMasterVolumeLevel(float decibels, ref Guid context);
  [PreserveSig] int SetMasterVolumeLevelScalar(float level, ref Guid context);
  [PreserveSig] int GetMasterVolumeLevel(out float decibels);
  [PreserveSig] int GetMasterVolumeLevelScalar(out float level);
  [PreserveSig] int SetChannelVolumeLevel(uint channel, float decibels, ref Guid context);
  [PreserveSig] int SetChannelVolumeLevelScalar(uint channel, float level, ref Guid context);
  [PreserveSig] int GetChannelVolumeLevel(uint channel, out float decibels);
  [PreserveSig] int GetChannelVolumeLevelScalar(uint channel, out float level);
  [PreserveSig] int SetMute([MarshalAs(UnmanagedType.Bool)] bool muted, ref Guid context);
  [PreserveSig] int GetMute([MarshalAs(UnmanagedType.Bool)] out bool muted);
}
[ComImport, Guid("BCDE0395-E52F-467C-8E3D-C4579291692E")] public class MMDeviceEnumerator {}
public class Endpoint {
  public string id; public int flow; public bool isdefault; public bool muted; public double level;
}
public static class CoreAudio {
  static IMMDeviceEnumerator all = (IMMDeviceEnumerator)(object)new MMDeviceEnumerator();
  static Guid none = Guid.Empty;
  static void Must(int result) { Marshal.ThrowExceptionForHR(result); }
  static IAudioEndpointVolume Volume(IMMDevice device) {
    Guid iid = typeof(IAudioEndpointVolume).GUID; object it;
    Must(device.Activate(ref iid, 1, IntPtr.Zero, out it)); return (IAudioEndpointVolume)it;
  }
  public static Endpoint[] List(int flow) {
    IMMDeviceCollection found; uint count; string standard = null; IMMDevice device;
    Must(all.EnumAudioEndpoints(flow, 1, out found)); Must(found.GetCount(out count));
    if (all.GetDefaultAudioEndpoint(flow, 0, out device) == 0) Must(device.GetId(out standard));
    Endpoint[] listed = new Endpoint[count];
    for (uint i = 0; i < count; i++) {
      Endpoint e = new Endpoint(); float level;
      Must(found.Item(i, out device)); Must(device.GetId(out e.id));
      IAudioEndpointVolume volume = Volume(device);
      Must(volume.GetMute(out e.muted)); Must(volume.GetMasterVolumeLevelScalar(out level));
      e.level = level; e.flow = flow; e.isdefault = e.id == standard; listed[i] = e;
    }
    return listed;
  }
  public static void Mute(string id, bool muted) {
    IMMDevice device; Must(all.GetDevice(id, out device)); Must(Volume(device).SetMute(muted, ref none));
  }
  public static void Level(string id, float level) {
    IMMDevice device; Must(all.GetDevice(id, out device));
    Must(Volume(device).SetMasterVolumeLevelScalar(level, ref none));
  }
}
'@
"""
LIST = r"""
$found=@(foreach($flow in 0,1){foreach($e in [CoreAudio]::List($flow)){
$folder=@('Render','Capture')[$flow];$guid=$e.id.Split('.')[-1]
$key="HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\MMDevices\Audio\$folder\$guid\Properties"
$p=Get-ItemProperty -LiteralPath $key
@{id=$e.id;flow=$flow;default=$e.isdefault;muted=$e.muted;level=$e.level
kind=$p.'{a45c254e-df1c-4efd-8020-67d146a850e0},2';on=$p.'{b3f8fa53-0004-438e-9003-51a46e139bfc},6'
instance=$p.'{b3f8fa53-0004-438e-9003-51a46e139bfc},2'}}})
ConvertTo-Json -Compress -InputObject $found
"""


def devices() -> Json:
    """``{server, kind, inputs, outputs}``. Raises Unavailable."""
    ran = run(powershell(CORE_AUDIO + LIST), SECONDS)
    if ran.status != 0:
        raise Unavailable(f"Core Audio: {ran.stderr.strip()[:200] or 'no answer'}")
    return parse(ran.stdout)


def parse(text: str) -> Json:
    """Devices from what the script printed."""
    try:
        endpoints: list[Json] = json.loads(text)
    except ValueError:
        raise Unavailable("Core Audio: PowerShell printed no JSON") from None
    found: Json = {"server": "Core Audio", "kind": "wasapi", "inputs": [], "outputs": []}
    for endpoint in endpoints:
        found["inputs" if endpoint["flow"] == 1 else "outputs"].append(_device(endpoint))
    return found


def _device(endpoint: Json) -> Json:
    hardware = re.search(r"VID_([0-9A-F]{4})&PID_([0-9A-F]{4})", str(endpoint.get("instance")), re.IGNORECASE)
    name = f"{endpoint.get('kind') or ''} ({endpoint.get('on') or ''})"
    return {
        "id": str(endpoint["id"])[:200],
        "name": name[:200],  # as WASAPI's, and so PortAudio's
        "usb_id": f"{hardware[1]}:{hardware[2]}".lower() if hardware else None,
        "monitor": "stereo mix" in name.lower() or "стерео микшер" in name.lower(),
        "virtual": not re.match(
            r"\{\d+\}\.(USB|HDAUDIO|PCI|BTH|INTELAUDIO|ACPI)", str(endpoint.get("instance")), re.I
        ),
        "muted": bool(endpoint["muted"]),
        "volume_percent": round(float(endpoint["level"]) * 100),
        "raw": [round(float(endpoint["level"]), 4)],  # as :func:`put` sets it
        "default": bool(endpoint["default"]),
        "plugged": None,  # an endpoint whose plug is out is not listed: only active ones are asked for
    }


def quoted(text: str) -> str:
    """A PowerShell string that means just this text."""
    return "'" + re.sub(r"(['‘’‚‛])", r"\1\1", text) + "'"


def change(what: str, device_id: str, value: bool | int) -> list[str]:
    """The command that mutes (``mute``, a bool) or sets the level (``level``, per cent) of a device."""
    if what == "mute":
        call = f"[CoreAudio]::Mute({quoted(device_id)},${str(bool(value)).lower()})"
    else:
        call = f"[CoreAudio]::Level({quoted(device_id)},{int(value) / 100:.2f})"
    return powershell(CORE_AUDIO + call)


def put(wanted: list[tuple[str, Json]]) -> list[str]:
    """The command that makes devices so loud, and muted or not."""
    calls = [
        f"[CoreAudio]::Level({quoted(device)},{level['raw'][0]:.4f});"
        f"[CoreAudio]::Mute({quoted(device)},${str(bool(level['muted'])).lower()});"
        for device, level in wanted
    ]
    return powershell(CORE_AUDIO + "".join(calls))
