import { spawnSync } from "node:child_process";

/** A user's PATH often lacks the folders of administration. */
export const PATH = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;

/** Runs `nft` and returns its output. Throws an Error of one line when it is not installed or refuses. */
export function nft(flags: readonly string[], rules = ""): string {
  const { status, stdout, stderr, error } = spawnSync("nft", flags, {
    input: rules,
    encoding: "utf8",
    env: { ...process.env, PATH },
  });
  if (error)
    throw new Error((error as NodeJS.ErrnoException).code === "ENOENT" ? "nft is not installed" : error.message);
  if (status === 0) return stdout;
  throw new Error(`nft: ${stderr.split("\n").find((line) => line.includes("Error")) ?? stderr.trim()}`);
}

interface JsonObject {
  readonly chain?: { readonly name: string; readonly table: string };
}

export const objects = (json: string): readonly JsonObject[] => JSON.parse(json).nftables;

export function apply(lines: readonly string[], flags: readonly string[] = []): void {
  nft([...flags, "-f", "-"], `${lines.join("\n")}\n`);
}

export function problemOf(lines: readonly string[], flags: readonly string[] = []): string | undefined {
  try {
    apply(lines, flags);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
