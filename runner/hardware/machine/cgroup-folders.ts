import { dirname, join } from "node:path";

/**
 * The folders of the control groups that hold a process, from its own up to the root: a limit of any of them binds it.
 * @param proc the text of `/proc/self/cgroup`: lines `id:controllers:path`, the one of version 2 as `0::path`
 * @param controller of version 1, as `cpu` or `memory`
 */
export function cgroupFolders(proc: string, controller: string): string[] {
  const folders = proc.split("\n").flatMap((line) => {
    const [, controllers = "", path] = line.match(/^\d+:([^:]*):(\/.*)$/) ?? [];
    if (path === undefined) return [];
    if (controllers === "") return upward("/sys/fs/cgroup", path);
    return controllers.split(",").includes(controller) ? upward(`/sys/fs/cgroup/${controller}`, path) : [];
  });
  return [...new Set(folders)];
}

function upward(root: string, path: string): string[] {
  const folders: string[] = [];
  for (let at = path; at !== "/"; at = dirname(at)) folders.push(join(root, at));
  return [...folders, root];
}
