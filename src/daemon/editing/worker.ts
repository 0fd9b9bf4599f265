/** The thread of the editor: it holds grammar, running configuration and candidates, so that the protocols never wait for them. */
import { parentPort, workerData } from "node:worker_threads";
import { Refusal } from "../../core/contract/questions.js";
import { loadHostKey } from "../configuration/key-file.js";
import { CommitPoints } from "../state/commit-points.js";
import { Editor } from "./editor.js";
import { obeying } from "./port.js";
import type { Answered, Ordered, WorkerData } from "./thread.js";

const { running, facts, kernel, stateDirectory } = workerData as WorkerData;
const { cipher } = loadHostKey(stateDirectory);
const { bindings } = facts;
const points = new CommitPoints(stateDirectory);
const editor = new Editor(running, { bindings, kernel, cipher }, points, Date.now);
const obey = obeying(editor, { ...facts, cipher }, undefined);

parentPort?.on("message", ({ number, order }: Ordered) => {
  const data = obey(order);
  const answered: Answered = data instanceof Refusal ? { number, refusal: data.text } : { number, data };
  parentPort?.postMessage(answered);
});
