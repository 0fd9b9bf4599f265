// Run inside a namespace: send-frame.js DEVICE HEX sends the frame out of the device by a raw socket.
import cap from "cap";

const [device, hex] = process.argv.slice(2);
const socket = new cap.Cap();
// Opening wants a filter, a buffer for libpcap and one for us; nothing is received.
socket.open(device, "less 1", 65_536, Buffer.alloc(65_536));
const frame = Buffer.from(hex, "hex");
socket.send(frame, frame.length);
socket.close();
