import { type Received, TRAFFIC_PROGRAM } from "../../support/traffic.js";

/** Whoever runs lines in a guest. */
interface Shell {
  command(line: string): Promise<string>;
}

const PROGRAM = `${process.execPath} ${TRAFFIC_PROGRAM}`;

/** Sends numbered frames back from a device in a guest, and counts them. One at a time in each guest. */
export class GuestEcho {
  readonly #shell: Shell;

  private constructor(shell: Shell) {
    this.#shell = shell;
  }

  /** `inside` begins a line that runs in a namespace of the guest. */
  static async start(shell: Shell, device: string, inside = ""): Promise<GuestEcho> {
    await shell.command("rm -f /run/echo; mkfifo /run/echo");
    const program = `${inside} ${PROGRAM} echo '${JSON.stringify({ device })}'`;
    await shell.command(`${program} </run/echo >/run/echoed 2>&1 & echo=$!`);
    await shell.command("exec 5>/run/echo; while ! grep -q READY /run/echoed; do sleep 0.05; done");
    return new GuestEcho(shell);
  }

  /** What came since it was asked last. */
  async result(): Promise<Omit<Received, "longestGap">> {
    const lines = "$(wc -l </run/echoed)";
    const said = await this.#shell.command(
      `before=${lines}; echo >&5; while [ ${lines} = $before ]; do sleep 0.05; done; tail -n 1 /run/echoed`,
    );
    return JSON.parse(said);
  }

  async stop(): Promise<void> {
    await this.#shell.command("exec 5>&-; wait $echo");
  }
}
