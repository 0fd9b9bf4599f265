import { systemReason } from "../start-failure.js";
import { DamagedRecording, playFile, type Replayed } from "./recording-player.js";

/** `npm run replay -- FILE`: prints the events of a recording, one JSON line each; exit 1 when they are not those recorded. */
async function replay(words: readonly string[]): Promise<number> {
  const [path] = words;
  if (path === undefined || words.length > 1) return complain("usage: npm run replay -- FILE", 2);
  try {
    const played = await playFile(path, (event, mono) =>
      process.stdout.write(`${JSON.stringify({ mono, ...event })}\n`),
    );
    return summarize(path, played);
  } catch (error) {
    if (error instanceof DamagedRecording) return complain(`${path}:${error.message}`, 2);
    return complain(`${path}: ${systemReason(error)}`, 1);
  }
}

function summarize(path: string, { inputs, events, lost, cut, difference }: Replayed): number {
  if (cut) complain(`${path}: ends within a line; played up to there`, 0);
  if (lost > 0) complain(`${path}: ${lost} lines were lost while recording, so the run may differ`, 0);
  if (difference !== undefined) return complain(`${path}: not the same run: ${difference}`, 1);
  return complain(`${path}: ${inputs} inputs, ${events} events, the same as recorded`, 0);
}

function complain(text: string, code: number): number {
  process.stderr.write(`${text}\n`);
  return code;
}

process.exitCode = await replay(process.argv.slice(2));
