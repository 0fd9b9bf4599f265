import { Worker } from "node:worker_threads";
import type { Facts, Kernel } from "../../config/facts.js";
import type { Model } from "../../config/model.js";
import { Refusal } from "../../core/contract/questions.js";
import type { Order, StartEditor } from "./port.js";

/** What the thread begins with. Keys are opened by the file of the state directory. */
export interface WorkerData {
  readonly running: Model;
  readonly facts: Omit<Facts, "cipher">;
  readonly kernel: Kernel | undefined;
  readonly stateDirectory: string;
}

export interface Ordered {
  readonly number: number;
  readonly order: Order;
}

export type Answered =
  | { readonly number: number; readonly data: unknown }
  | { readonly number: number; readonly refusal: string };

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** An editor on a thread of its own. */
export const editorOnThread =
  (stateDirectory: string, kernel: Kernel | undefined): StartEditor =>
  (running, { deviceMac, bindings }, ended) => {
    const data: WorkerData = { running, facts: { deviceMac, bindings }, kernel, stateDirectory };
    const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: data });
    const waiting = new Map<number, Waiting>();
    let last = 0;
    let isOver = false;
    const end = (error: Error): void => {
      if (isOver) return;
      isOver = true;
      ended(error);
      for (const { reject } of waiting.values()) reject(error);
    };
    worker.on("message", (answered: Answered) => {
      const { number } = answered;
      waiting.get(number)?.resolve("refusal" in answered ? new Refusal(answered.refusal) : answered.data);
      waiting.delete(number);
    });
    worker.on("error", end);
    worker.on("exit", (code) => end(new Error(`the editor's thread ended with ${code}`)));
    // Sessions alone do not keep the process alive.
    worker.unref();
    return {
      order: (order) =>
        new Promise((resolve, reject) => {
          if (isOver) {
            reject(new Error("the editor's thread has ended"));
            return;
          }
          waiting.set(++last, { resolve, reject });
          worker.postMessage({ number: last, order } satisfies Ordered);
        }),
      stop: () => {
        isOver = true;
        void worker.terminate();
      },
    };
  };
