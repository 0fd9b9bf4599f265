/** The reason why the daemon cannot start, in one line that says what to do: exit 1. */
export class StartFailure extends Error {
  override readonly name = "StartFailure";
}

/** Words for what the operating system refused, for example `permission denied (EACCES)`. */
export function systemReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words = code === undefined ? undefined : REASONS[code];
  return words === undefined ? message : `${words} (${code})`;
}

const REASONS: { readonly [code: string]: string } = {
  EACCES: "permission denied",
  EADDRINUSE: "already in use",
  EADDRNOTAVAIL: "no such address here",
  EISDIR: "is a directory",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left",
  ENOTDIR: "not a directory",
  EPERM: "not permitted",
  EROFS: "read-only file system",
};
