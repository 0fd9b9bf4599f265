import { Counter, Gauge, Registry } from "prom-client";
import { COUNTERS } from "./counters.js";
import { GAUGES } from "./gauges.js";
import { type MetricSources, measure } from "./measured.js";
import type { Metric, Sample } from "./metric.js";
import type { HttpPage } from "./server.js";

/** A piece of the page holds so many samples at most, and takes about so long to make. */
const PIECE_SAMPLES = 256;
const PIECE_MILLISECONDS = 5;

/** Lines of help and type. */
const HEAD_LINES = 2;

/** All metrics in Prometheus' text form. */
export const metricsPage = (sources: MetricSources): HttpPage => ({
  type: "text/plain; version=0.0.4; charset=utf-8",
  pieces: () => metricsText(sources),
});

async function* metricsText(sources: MetricSources): AsyncGenerator<string> {
  const measured = measure(sources);
  for (const counter of COUNTERS) yield* piecesOf(counter, counter.samples(measured), counterText);
  for (const gauge of GAUGES) yield* piecesOf(gauge, gauge.samples(measured), gaugeText);
}

/** The text of a metric in pieces; its help and type stand before the first sample. */
async function* piecesOf(
  metric: Metric,
  samples: Iterable<Sample>,
  textOf: typeof counterText,
): AsyncGenerator<string> {
  let isFirst = true;
  for (const some of chunksOf(samples)) {
    const text = await textOf(metric, some);
    yield isFirst ? text : text.split("\n").slice(HEAD_LINES).join("\n");
    isFirst = false;
  }
}

/** Samples are made when a piece is asked for. Without any there is one empty chunk. */
function* chunksOf(samples: Iterable<Sample>): Generator<readonly Sample[]> {
  let chunk: Sample[] = [];
  let isFirst = true;
  let end = performance.now() + PIECE_MILLISECONDS;
  for (const sample of samples) {
    chunk.push(sample);
    if (chunk.length < PIECE_SAMPLES && performance.now() < end) continue;
    yield chunk;
    isFirst = false;
    chunk = [];
    end = performance.now() + PIECE_MILLISECONDS;
  }
  if (isFirst || chunk.length > 0) yield chunk;
}

function counterText({ name, help, labels = [] }: Metric, samples: readonly Sample[]): Promise<string> {
  const registry = new Registry();
  const counter = new Counter({ name, help, labelNames: labels, registers: [registry] });
  for (const [values, value] of samples) counter.inc(values, value);
  return registry.metrics();
}

function gaugeText({ name, help, labels = [] }: Metric, samples: readonly Sample[]): Promise<string> {
  const registry = new Registry();
  const gauge = new Gauge({ name, help, labelNames: labels, registers: [registry] });
  for (const [values, value] of samples) gauge.set(values, value);
  return registry.metrics();
}
