"""The computer itself: system, processor, memory, disk, screen, and whether it is a virtual one. MB are 2**20
bytes."""

from __future__ import annotations

import contextlib
import os
import re

from . import session, windows
from .paths import expand, names, nearest
from .programs import WINDOWS, run
from .protocol import Json, Unavailable
from .typed import Any

MB = 1 << 20
DMI = "/sys/class/dmi/id"
VIRTUAL = re.compile(
    r"kvm|qemu|bochs|vmware|virtualbox|innotek|xen|parallels|bhyve|virtual machine|hvm domu|openstack"
    r"|amazon ec2|google compute|firecracker|cloud hypervisor",
    re.IGNORECASE,
)
"""What virtual machines call their maker, product or firmware."""


def system() -> Json:
    """``{system, name, version, release, machine}``; name as people know it, version comparable by its
    numbers."""
    if WINDOWS:
        import platform  # noqa: PLC0415 - only there

        release, version, _pack, _kind = platform.win32_ver()
        name = str(windows.facts().get("caption") or f"Windows {release}")
        return {
            "system": "windows",
            "name": name.strip(),
            "version": version,
            "release": release,
            "machine": platform.machine().lower(),
        }
    has = os_release()
    return {
        "system": "linux",
        "name": has.get("NAME", "Linux"),
        "version": has.get("VERSION_ID", ""),
        "release": os.uname().release,
        "machine": os.uname().machine,
    }


def os_release(paths: Any = ("/etc/os-release", "/usr/lib/os-release")) -> dict[str, str]:
    """The fields of os-release(5)."""
    for path in paths:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                lines = file.read(65536).splitlines()
        except OSError:
            continue
        pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        return {key.strip(): value.strip().strip("\"'") for key, value in pairs}
    return {}


def processor() -> Json:
    """``{model, cores, mhz_max}``; cores are logical ones."""
    model, mhz = _windows_cpu() if WINDOWS else linux_cpu(_read("/proc/cpuinfo"))
    return {
        "model": model.strip(),
        "cores": os.cpu_count(),
        "mhz_max": round(mhz)
        if mhz
        else {"unavailable": "the system does not say how fast the processor is"},
    }


def _windows_cpu() -> tuple[str, float]:
    import psutil  # noqa: PLC0415

    frequency = psutil.cpu_freq()
    mhz: Any = (frequency.max or frequency.current) if frequency else 0
    return str(windows.facts().get("cpu") or ""), mhz


def linux_cpu(cpuinfo: str, root: str = "/sys/devices/system/cpu/cpufreq") -> tuple[str, float]:
    """Model and MHz (0: unknown). What psutil tells too, at an import that costs more than all else."""
    fields = [line.partition(":") for line in cpuinfo.splitlines()]
    pairs = [(name.strip(), value.strip()) for name, _colon, value in fields]
    models = [value for name, value in pairs if name in ("model name", "Model", "Hardware") and value]
    khz = [
        int(text)
        for policy in names(root)
        for name in names(os.path.join(root, policy))
        if policy.startswith("policy") and name.endswith("_max_freq")
        for text in [_read(os.path.join(root, policy, name))]
        if text.isdigit()
    ]
    mhz = [float(value) for name, value in pairs if name == "cpu MHz"]
    return (models or [os.uname().machine])[0], max(khz) / 1000 if khz else max(mhz, default=0.0)


def memory() -> Json:
    """``{total_mb, available_mb}``."""
    if WINDOWS:
        import psutil  # noqa: PLC0415

        has = psutil.virtual_memory()
        return {"total_mb": has.total // MB, "available_mb": has.available // MB}
    return linux_memory(_read("/proc/meminfo"))


def linux_memory(meminfo: str) -> Json:
    """The same from the kernel's own words (proc(5)); kB there are 1024 bytes."""
    rows = (line.split() for line in meminfo.splitlines())
    kb = {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1].isdigit()}
    if not kb.get("MemTotal:"):
        raise Unavailable("the system does not say how much memory it has")
    return {"total_mb": kb["MemTotal:"] // 1024, "available_mb": kb.get("MemAvailable:", 0) // 1024}


def disk(folder: str) -> Json:
    """``{path, exists, free_mb, total_mb, writable}`` for the folder, or where it would be."""
    path = expand(folder)
    there = nearest(path)
    total, free = _space(there)
    return {
        "path": path,
        "exists": os.path.isdir(path),
        "free_mb": free // MB,
        "total_mb": total // MB,
        "writable": _writable(there),
    }


def _space(folder: str) -> tuple[int, int]:
    """Bytes in all, and free for us."""
    if WINDOWS:
        import shutil  # noqa: PLC0415 - brings five compressors

        usage = shutil.disk_usage(folder)
        return usage.total, usage.free
    has = os.statvfs(folder)
    return has.f_blocks * has.f_frsize, has.f_bavail * has.f_frsize


def _writable(folder: str) -> bool:
    """Whether a file can be made there; found by making one, for rights alone do not tell (full,
    read-only)."""
    path = os.path.join(folder, f".vpr-morning-{os.urandom(8).hex()}")
    try:
        with open(path, "xb") as file:
            file.write(b"\0" * 4096)
    except OSError:
        return False
    finally:
        with contextlib.suppress(OSError):
            os.remove(path)
    return True


def screen(exam_user: str = "") -> Json:
    """``{width, height}`` of the largest screen in use, pixels. Raises Unavailable."""
    if WINDOWS:
        return windows.screen()
    try:
        env = dict(os.environ)
        if not env.get("DISPLAY"):
            env = session.environment(session.find(exam_user))
        found = parse_xrandr(run(["xrandr", "--current"], 5.0, env={**env, "LC_ALL": "C"}).stdout)
    except Unavailable:
        found = None
    return found or _kernel_screen()


def parse_xrandr(text: str) -> Json | None:
    """The largest of the outputs in use, from ``xrandr --current``."""
    sizes = [(int(w), int(h)) for w, h in re.findall(r" connected.*? (\d+)x(\d+)\+\d+\+\d+", text)]
    if not sizes:
        return None
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return {"width": width, "height": height}


def _kernel_screen(root: str = "/sys/class/drm") -> Json:
    """The preferred mode of a connected screen: what it can do, where nobody says what it does."""
    for screen in (os.path.join(root, name) for name in names(root)):
        mode = re.match(r"(\d+)x(\d+)", _read(os.path.join(screen, "modes")))
        if mode and _read(os.path.join(screen, "status")) == "connected":
            return {"width": int(mode[1]), "height": int(mode[2])}
    raise Unavailable("no display is in reach, and the kernel knows no connected screen")


def virtual() -> Json:
    """``{is_vm, kind}``."""
    if WINDOWS:
        has = windows.facts()
        said = f"{has.get('maker')} {has.get('model')} {has.get('bios')}"
    else:
        kind = _container()
        if kind:
            return {"is_vm": True, "kind": kind}
        said = " ".join(_read(os.path.join(DMI, n)) for n in ("sys_vendor", "product_name", "bios_vendor"))
        if not said.strip() and "hypervisor" in _read("/proc/cpuinfo"):
            return {"is_vm": True, "kind": "hypervisor"}
    found = VIRTUAL.search(said)
    return {"is_vm": found is not None, "kind": found[0].lower() if found else None}


def _container() -> str:
    if os.path.exists("/.dockerenv"):
        return "docker"
    return _read("/run/systemd/container").strip()


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(65536).strip()
    except OSError:
        return ""
