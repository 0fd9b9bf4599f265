import { addon } from "./addon.js";

interface ReplaceFileFunctions {
  /**
   * Replaces a file, by a thread: `octets` are written to the temporary file where `writes`, and that is renamed. 0, negative errno, or
   * -EINPROGRESS when that takes longer, or longer than `behind` while an earlier call goes on; then it goes on too.
   */
  replaceFile(
    temporary: string,
    path: string,
    octets: Uint8Array,
    writes: boolean,
    milliseconds: number,
    behind: number,
  ): number;
}

export const replaceFileAddon = (): ReplaceFileFunctions => addon();
