export { digests } from "../../src/linux/digests.js";
