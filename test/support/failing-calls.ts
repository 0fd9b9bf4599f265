import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addon } from "../../src/linux/native/addon.js";

/** linux/errno.h, as the addon answers it. */
const EIO = -5;

/** What a call answers that fails otherwise than by an errno. */
const FAILURES: { readonly [name: string]: unknown } = {
  hookQdisc: false,
  routeReaches: false,
  pacerCounts: false,
  pacerRelease: false,
  // Events got lost.
  routeWatchGone: true,
  deviceKinds: { dummy: false, vlan: false, bridge: false, vlanFiltering: false },
};
/** Calls that by their types cannot fail. */
const SURE = /Close$|^(now|capabilities|ringDropped|udpDropped|pacerStats|pacerUnlisten|watchNext|setns)$/;

/** The real nft, or a failure when its count of calls is over; then two fail, for rules that failed together are tried alone. */
const nftScript = (folder: string): string => `#!/bin/sh
echo call >> "${folder}/nft-calls"
left=$(cat "${folder}/nft-left" 2>/dev/null || echo 0)
if [ "$left" -gt 0 ]; then
  echo $((left - 1)) > "${folder}/nft-left"
  if [ "$left" -le 2 ]; then echo "Error: EIO made by the test" >&2; exit 1; fi
fi
PATH=\${PATH#*:} exec nft "$@"
`;

/** Counts the calls of the addon and of `nft` of this process, and lets one of them fail. */
export class FailingCalls {
  readonly #folder: string;
  readonly #counts = new Map<string, number>();
  #armed: { readonly name: string; left: number } | undefined;
  #hit = false;
  /** What the call that failed was given. */
  failedWith: readonly unknown[] = [];
  readonly #real: { readonly [name: string]: (...values: unknown[]) => unknown };
  /** Answers of functions that always fail. */
  readonly always = new Map<string, unknown>();

  /** `folder` comes first in PATH before anything of ours is loaded. */
  constructor(folder: string) {
    this.#folder = folder;
    const script = join(folder, "nft");
    writeFileSync(script, nftScript(folder));
    chmodSync(script, 0o755);
    const native = addon<{ [name: string]: (...values: unknown[]) => unknown }>();
    this.#real = { ...native };
    for (const [name, call] of Object.entries(this.#real)) {
      if (SURE.test(name)) continue;
      native[name] = (...values) => {
        if (this.always.has(name)) return this.always.get(name);
        if (!this.isFailing(name)) return call(...values);
        this.failedWith = values;
        return FAILURES[name] ?? EIO;
      };
    }
  }

  /** Asked for each call of a name, also of calls that are no functions of the addon; true: let it fail. */
  isFailing(name: string): boolean {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (this.#armed?.name !== name || this.#hit) return false;
    this.#armed.left--;
    this.#hit = this.#armed.left === 0;
    return this.#hit;
  }

  /** Begins to count anew. */
  begin(): void {
    this.#counts.clear();
    this.#armed = undefined;
    this.#hit = false;
    this.failedWith = [];
    for (const name of ["nft-calls", "nft-left"]) writeFileSync(join(this.#folder, name), "");
  }

  /** Calls since then, by name. */
  counts(): ReadonlyMap<string, number> {
    const nft = existsSync(join(this.#folder, "nft-calls"))
      ? readFileSync(join(this.#folder, "nft-calls"), "utf8").split("\n").length - 1
      : 0;
    return new Map([...this.#counts, ...(nft > 0 ? [["nft", nft] as const] : [])]);
  }

  /** From now on the so manieth call of a name fails. */
  arm(name: string, nth: number): void {
    this.begin();
    if (name === "nft") writeFileSync(join(this.#folder, "nft-left"), `${nth + 1}`);
    else this.#armed = { name, left: nth };
  }

  /** Whether the armed call came, and failed. */
  get hasFailed(): boolean {
    return this.#hit || ["0", "1"].includes(readFileSync(join(this.#folder, "nft-left"), "utf8").trim());
  }

  /** The addon is as it was. */
  restore(): void {
    Object.assign(addon<object>(), this.#real);
  }
}
