import type { Session } from "./row.js";

const AGAIN = "Error: Please choose 'YES' or 'NO' first before pressing 'Enter'. [Y/N]:";

/** Asks whether to go on; where nobody can be asked the answer is yes. */
export async function confirmed({ ask }: Pick<Session, "ask">, warning: string): Promise<boolean> {
  let question = `${warning}. Continue? [Y/N]:`;
  for (;;) {
    const answer = (await ask(question))?.trim().toLowerCase() ?? "y";
    if (answer === "y" || answer === "yes") return true;
    if (answer === "n" || answer === "no") return false;
    question = AGAIN;
  }
}
