"""The same lab with pyinfra: about 20 facts, the program's files, its install command, its check."""

from pyinfra import host
from pyinfra.facts import files as file_facts
from pyinfra.facts import hardware
from pyinfra.facts import server as server_facts
from pyinfra.operations import files, server

HOME = host.data.home
for fact in (
    server_facts.Hostname,
    server_facts.Kernel,
    server_facts.KernelVersion,
    server_facts.Arch,
    server_facts.LinuxDistribution,
    server_facts.Date,
    server_facts.Mounts,
    server_facts.User,
    hardware.Cpus,
    hardware.Memory,
    hardware.BlockDevices,
):
    host.get_fact(fact)
for command in (
    "df -Pk .",
    "test -w . && echo yes",
    "cat /sys/class/power_supply/*/online 2>/dev/null; true",
    "date +%z",
    "ps -eo pid,comm",
    "cat /sys/class/dmi/id/product_name 2>/dev/null; true",
    "pactl info 2>/dev/null; true",
    "loginctl list-sessions 2>/dev/null; true",
):
    host.get_fact(server_facts.Command, command=command)
files.directory(path=f"{HOME}/pyinfra")
for name in ("setup.sh", "payload.bin"):
    files.put(src=f"{host.data.files}/{name}", dest=f"{HOME}/pyinfra/{name}")
if not host.get_fact(file_facts.Directory, path=f"{HOME}/answers"):
    server.shell(commands=[f"cd {HOME}/pyinfra && sh setup.sh install"])
if (
    host.get_fact(
        server_facts.Command, command=f"cd {HOME}/pyinfra 2>/dev/null && sh setup.sh check && echo good; true"
    )
    != "good"
):
    server.shell(commands=[f"cd {HOME}/pyinfra && sh setup.sh check"])
