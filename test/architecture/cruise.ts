import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { project } from "./sources.js";

/** What dependency-cruiser found in the src of a tree. */
interface Cruised {
  readonly modules: readonly {
    readonly source: string;
    readonly dependencies: readonly { readonly resolved: string; readonly circular: boolean }[];
  }[];
  readonly violations: readonly {
    readonly from: string;
    readonly to: string;
    readonly rule: { readonly name: string };
    /** Of a circle: each file of it. */
    readonly cycle: readonly { readonly name: string }[];
  }[];
  readonly totalDependenciesCruised: number;
}

/** Runs dependency-cruiser over the src of a tree by the rules that lie at its top. */
export async function cruise(root: string): Promise<Cruised> {
  const args = ["--config", ".dependency-cruiser.cjs", "-T", "json", "src"];
  const options = { cwd: root, maxBuffer: 64 << 20 };
  // It exits with the number of violations; what it found is on stdout all the same.
  const run = promisify(execFile)(join(project, "node_modules/.bin/depcruise"), args, options);
  const { stdout } = await run.catch((error) => error);
  const { modules, summary } = JSON.parse(stdout);
  return { modules, ...summary };
}
