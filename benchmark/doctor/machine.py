"""Disk, cores, memory, accelerator, and the variables that say where things lie."""

import os
import platform
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from benchmark.doctor.check import Check, State, size

# What a materialised subject takes on disk, with room for a run's logs.
SUBJECT_ROOM = 0.7e9
CGROUP_MEMORY = Path("/sys/fs/cgroup/memory.max")
CGROUP_CPU = Path("/sys/fs/cgroup/cpu.max")
PLACES = ("VIVA_CACHE", "HF_HOME", "HF_HUB_CACHE")
ADDRESSES = ("HF_ENDPOINT", "HTTPS_PROXY", "https_proxy")
CPU_INFO = Path("/proc/cpuinfo")


def disk(name: str, folder: Path, needed: float = 0.0) -> Check:
    """Free space where a folder lies, or would lie.

    Args:
        name: of the folder.
        folder: it need not be there yet.
        needed: bytes that the embedded default still has to write there.
    """
    there = _nearest(folder)
    free = shutil.disk_usage(there).free
    found = f"{folder}: {size(free)} free"
    data = {"folder": str(folder), "free_bytes": free}
    if not os.access(there, os.W_OK | os.X_OK):
        state: State = "fail" if needed else "note"
        return Check(name, state, f"{folder} cannot be written to", "set VIVA_CACHE to a folder of yours", data)
    if free < needed:
        mend = f"free {size(needed - free)}, or set VIVA_CACHE to a folder on another disk"
        return Check(name, "fail", f"{found}, and {size(needed)} are needed", mend, data)
    return Check(name, "ok", found, data=data)


def _nearest(folder: Path) -> Path:
    folder = folder.expanduser().absolute()
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def cores(quota: Path = CGROUP_CPU) -> Check:
    """Cores that this process may use, and a container's ceiling below that."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = _quota(quota)
    held = f", of which a container's quota leaves {limit:g}" if limit is not None and limit < count else ""
    wide = bfloat16()
    told = f"; bfloat16 in hardware ({', '.join(wide)})" if wide else "; no bfloat16 in hardware"
    machine = f"{platform.machine()} {platform.system()}"
    return Check("cores", "ok", f"{count}{held}, {machine}{told}", data={"cores": count, "quota": limit, "bf16": wide})


def _quota(path: Path) -> float | None:
    """Cores by a container's quota: "max 100000" is none, "150000 100000" is 1.5."""
    words = path.read_text("utf-8").split() if path.is_file() else []
    return int(words[0]) / int(words[1]) if len(words) == 2 and words[0].isdecimal() else None


def bfloat16(info: Path = CPU_INFO) -> list[str]:
    """The processor's instructions for bfloat16, by the names that Linux gives them; empty where none are known."""
    text = info.read_text("utf-8", "replace") if info.is_file() else ""
    return sorted(set(re.findall(r"\b(?:amx_bf16|avx512_bf16|bf16)\b", text)))


def memory(limit: Path = CGROUP_MEMORY) -> Check:
    """Memory of the machine, and a container's ceiling below that."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    text = limit.read_text("utf-8").strip() if limit.is_file() else ""
    held = int(text) if text.isdecimal() and int(text) < whole else None
    told = f", of which the container has {size(held)}" if held else ""
    return Check("memory", "ok", f"{size(whole)}{told}", data={"bytes": whole, "container_bytes": held})


def accelerator() -> Check:
    """What torch would run on besides the processor."""
    import torch

    if torch.cuda.is_available():
        names = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
        room = torch.cuda.get_device_properties(0).total_memory
        return Check("accelerator", "ok", f"cuda: {', '.join(names)}, {size(room)}", data={"cuda": names})
    if torch.backends.mps.is_available():
        return Check("accelerator", "ok", "mps; subjects run on the processor or on cuda", data={"mps": True})
    return Check("accelerator", "ok", "none; the embedded default needs none", data={})


def variables(environment: Mapping[str, str]) -> Check:
    """Where things lie and whether the hub may be asked; addresses may hold a password, so they are only named."""
    offline = environment.get("HF_HUB_OFFLINE")
    hub = f"HF_HUB_OFFLINE={offline}" if offline else "HF_HUB_OFFLINE is not set: viva sets it to 1 and asks no hub"
    places = [f"{name}={environment[name]}" for name in PLACES if name in environment]
    named = [f"{name} is set" for name in ADDRESSES if environment.get(name)]
    return Check("environment", "ok", "; ".join([hub, *places, *named]))
