// What the benches have in common with the story and with the tests: namespaces, links between them, programs and daemons in
// them, frames to send. Nothing else of bench/ imports from test/ or src/lab.
export { monotonic } from "../src/lab/clock.js";
export { Daemon } from "../src/lab/daemon.js";
export { Lab } from "../src/lab/namespaces.js";
export { peConfiguration } from "../src/lab/pe-configuration.js";
export { ended, isRunning, run, spawnIn, stop } from "../src/lab/programs.js";
export { Frr, isFrrInstalled } from "../test/interop/peers/frr.js";
export { WITHOUT_BPF } from "../test/support/daemon.js";
export { desired, macOf } from "../test/support/desired.js";
export { flushFrame } from "../test/support/flush-frames.js";
export { type BackendName, ForwardingProcess, runIn } from "../test/support/forwarding.js";
export { collect } from "../test/support/lab.js";
export { inside, ipIn, makeVeth, RawSender } from "../test/support/namespace.js";
