import { ANY_KERNEL, type Kernel } from "../config/facts.js";

/** The abilities of this machine, for the checks of a configuration; all of them where it cannot be asked. */
export async function askKernel(): Promise<Kernel> {
  // Loaded late, so that a wrong command line is refused without the addon.
  const [{ hasCapability }, { deviceKinds }, { whyNoEbpf }] = await Promise.all([
    import("../linux/capabilities.js"),
    import("../linux/network/device-kinds.js"),
    import("../linux/forwarding/ebpf.js"),
  ]);
  try {
    const kinds = hasCapability("CAP_NET_ADMIN") ? deviceKinds() : undefined;
    if (kinds === undefined) return ANY_KERNEL;
    const { vlanFiltering, vlan: vlanDevices } = kinds;
    // Asked only where the answer matters, for the kernel loads the programs to answer.
    return { vlanFiltering, vlanDevices, pushesTags: vlanDevices || whyNoEbpf() === undefined };
  } catch {
    // Without the addon nothing starts, and the first user of it reports why.
    return ANY_KERNEL;
  }
}
