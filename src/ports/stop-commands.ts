import type { Owner } from "./owners.ts";
import type { System } from "./system.ts";

/** systemd-resolved's local name server, known by its user where its process is hidden. */
export function isResolved(owner: Owner): boolean {
  return owner.port === 53 && (/\bsystemd-resolved?\b/.test(owner.command ?? "") || owner.user === "systemd-resolve");
}

/**
 * Commands with which the user can make an owner let go of its port, or find out who it is. They are printed and never
 * run. Empty if the owner is this process.
 */
export function stopCommands(owner: Owner, system: System): string[] {
  const { pid, command = "" } = owner;
  if (pid === system.pid) return [];
  if (isResolved(owner)) {
    return [
      'sudo mkdir -p /etc/systemd/resolved.conf.d && printf "[Resolve]\\nDNSStubListener=no\\n" | ' +
        "sudo tee /etc/systemd/resolved.conf.d/no-stub.conf",
      // Without the stub, /etc/resolv.conf must name the real servers, or nothing is resolved any more.
      "sudo ln -sf /run/systemd/resolve/resolv.conf /etc/resolv.conf",
      "sudo systemctl restart systemd-resolved",
    ];
  }
  if (pid === undefined) return revealCommands(owner, system);
  if (system.platform === "win32") {
    // Process 4 is the kernel, which listens for services that share its HTTP server.
    return pid === 4 ? ["netsh http show servicestate"] : [`taskkill /PID ${pid}`];
  }
  if (/\bdocker-proxy\b/.test(command)) {
    return [`docker ps --filter publish=${owner.port}`, `docker stop $(docker ps -q --filter publish=${owner.port})`];
  }
  // A socket unit: systemd listens until the first client comes.
  if (pid === 1 && /\b(systemd|init)\b/.test(command)) return ["systemctl list-sockets"];
  return [stopByUnit(pid, system) ?? `${sudoFor(owner, system)}kill ${pid}`];
}

/** Commands that show who holds a port when this user is not told. */
export function revealCommands({ port, transport }: Pick<Owner, "port" | "transport">, system: System): string[] {
  if (system.platform === "win32") return [`netstat -abno -p ${transport}`];
  if (system.platform === "linux")
    return [`sudo ss -${transport === "tcp" ? "l" : "a"}${transport[0]}np "sport = :${port}"`];
  return [transport === "tcp" ? `sudo lsof -nP -iTCP:${port} -sTCP:LISTEN` : `sudo lsof -nP -iUDP:${port}`];
}

/** The control group names the unit or container that a process belongs to (cgroups(7)). */
function stopByUnit(pid: number, system: System): string | undefined {
  const group = lastGroup(pid, system);
  if (group === undefined || group === lastGroup("self", system)) return undefined; // stopping it would stop us too
  const [, engine, id] = /^(?:(docker|libpod)-)?([0-9a-f]{12})[0-9a-f]{52}(?:\.scope)?$/.exec(group) ?? [];
  if (id !== undefined) return `${engine === "libpod" ? "podman" : "docker"} stop ${id}`;
  const unit = /^([\w@.:\\-]+)\.service$/.exec(group)?.[1];
  if (unit === undefined || !isMainProcess(pid, system)) return undefined;
  const user = system.readText(`/proc/${pid}/cgroup`)?.includes("/user@") ?? false;
  if (user) return `systemctl --user stop ${unit}`;
  return `${system.uid === 0 ? "" : "sudo "}systemctl stop ${unit}`;
}

function lastGroup(pid: number | "self", system: System): string | undefined {
  const line = system
    .readText(`/proc/${pid}/cgroup`)
    ?.split("\n")
    .find((candidate) => /^(0:|\d+:name=systemd):\/./.test(candidate));
  return line?.slice(line.lastIndexOf("/") + 1);
}

/** Started by systemd itself: what somebody starts in a login served by a unit is in that unit too, and is not the unit. */
function isMainProcess(pid: number, system: System): boolean {
  const parent = /^PPid:\s+(\d+)/m.exec(system.readText(`/proc/${pid}/status`) ?? "")?.[1];
  return parent !== undefined && system.readText(`/proc/${parent}/comm`)?.trim() === "systemd";
}

function sudoFor(owner: Owner, system: System): string {
  return system.uid === 0 || owner.user === system.user ? "" : "sudo ";
}
