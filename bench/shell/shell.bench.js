/**
 * The shell. First row: CPU of a typed line in a model of trunks and members, as the editor's thread takes it, in
 * milliseconds; the median and the worst of several lines, each typed many times.
 */
import { tmpdir } from "node:os";
import { readConfiguration } from "../../dist/config/reading/read.js";
import { Editor } from "../../dist/daemon/editing/editor.js";
import { CommitPoints } from "../../dist/daemon/state/commit-points.js";
import { spread } from "../spread.js";

const SIZES = [200, 1_000];
const TURNS = 200;

function modelOf(trunks) {
  const lines = [];
  for (let id = 1; id <= trunks; id++)
    lines.push(
      `interface Eth-Trunk${id}`,
      " mode lacp-static",
      ` lacp portkey ${id}`,
      ` ip address 10.${id >> 8}.${id & 255}.1 24`,
      "#",
      `interface eth${id}`,
      ` eth-trunk ${id}`,
      "#",
    );
  const { model, problems } = readConfiguration(`${lines.join("\n")}\nreturn\n`);
  if (problems.length > 0) throw new Error(JSON.stringify(problems[0]));
  return model;
}

/** What people type, each line with the view it is typed in. */
const linesOf = (turn, trunks) => {
  const id = 1 + (turn % trunks);
  const trunk = { view: "eth-trunk", name: `Eth-Trunk${id}` };
  return [
    { at: { view: "system", name: "" }, line: `interface Eth-Trunk${id}` },
    { at: trunk, line: `description turn ${turn}` },
    { at: trunk, line: `max active-linknumber ${1 + (turn % 16)}` },
    { at: trunk, line: `ip address 172.16.${turn % 256}.1 24 sub` },
    { at: { view: "physical", name: `eth${id}` }, line: "undo eth-trunk" },
    { at: { view: "physical", name: `eth${id}` }, line: `eth-trunk ${id}` },
    { at: { view: "system", name: "" }, line: `e-trunk ${1 + (turn % 4)}` },
    { at: { view: "e-trunk", name: `${1 + (turn % 4)}` }, line: `priority ${1 + (turn % 254)}` },
    { at: { view: "system", name: "" }, line: `interface LoopBack${turn % 1000}` },
  ];
};

function typed(trunks) {
  const editor = new Editor(modelOf(trunks), {}, new CommitPoints(tmpdir()), Date.now);
  editor.answer(1, "enter-configuration", {});
  const perLine = new Map();
  for (let turn = 0; turn < TURNS; turn++)
    for (const [kind, asks] of linesOf(turn, trunks).entries()) {
      const before = process.cpuUsage();
      const answer = editor.answer(1, "type", asks);
      const { user, system } = process.cpuUsage(before);
      if (answer.outcome !== "taken") throw new Error(`${asks.line}: ${JSON.stringify(answer)}`);
      const known = perLine.get(kind) ?? { line: asks.line, times: [] };
      known.times.push((user + system) / 1_000);
      perLine.set(kind, known);
    }
  return [...perLine.values()].map(({ line, times }) => ({ line, ...spread(times) }));
}

export const run = () =>
  Object.fromEntries(SIZES.map((size) => [`typed line, ms CPU, ${size} trunks and ${size} members`, typed(size)]));
