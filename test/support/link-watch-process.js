// Watches the carrier of one interface in a network namespace with its own /sys: `node link-watch-process.js INDEX`.
// Prints each report as one line of JSON, until it is killed.
import { openLinkWatch } from "../../dist/linux/link-watch.js";

const index = Number(process.argv[2]);
const watch = openLinkWatch({
  changed: (link) => {
    if (link.index === index) process.stdout.write(`${JSON.stringify(link)}\n`);
  },
  readable: () => watch.drain(),
});
watch.drain();
watch.setPolled([index]);
