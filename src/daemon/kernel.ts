import { ANY_KERNEL, type Kernel } from "../config/facts.js";

/** What this machine can, for the checks of a configuration; everything, where it cannot be asked. */
export async function askKernel(): Promise<Kernel> {
  // Loaded here so that a refused command line is told without it.
  const [{ hasCapability }, { deviceKinds }, { whyNoEbpf }] = await Promise.all([
    import("../linux/capabilities.js"),
    import("../linux/network/device-kinds.js"),
    import("../linux/forwarding/ebpf.js"),
  ]);
  try {
    const kinds = hasCapability("CAP_NET_ADMIN") ? deviceKinds() : undefined;
    if (kinds === undefined) return ANY_KERNEL;
    const { vlanFiltering, vlan: vlanDevices } = kinds;
    // Asked only where it matters: the programs are loaded for it.
    return { vlanFiltering, vlanDevices, pushesTags: vlanDevices || whyNoEbpf() === undefined };
  } catch {
    // Without the addon nothing starts, and whoever needs it first says so.
    return ANY_KERNEL;
  }
}
