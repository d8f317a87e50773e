/** Where `nvidia-ctk cdi generate` describes a machine's GPUs for containers: https://github.com/cncf-tags/container-device-interface */
const SPECS = ["/etc/cdi", "/var/run/cdi"].flatMap((folder) =>
  ["nvidia.yaml", "nvidia.json"].map((file) => `${folder}/${file}`),
);

/** Whether containers can be given this machine's GPUs. */
export const hasGpuSpec = (exists: (path: string) => boolean): boolean => SPECS.some(exists);
