import { constants } from "node:os";

/** The name of an errno, as `EINVAL`. */
export const errorCode = (errno: number): string =>
  Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;

/** An Error for an errno of the addon, with a `code` as Node's own errors have. */
export function systemError(syscall: string, errno: number): NodeJS.ErrnoException {
  const code = errorCode(errno);
  return Object.assign(new Error(`${syscall}: ${code}`), { code, errno: -errno, syscall });
}
