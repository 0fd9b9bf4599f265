import { Counter, Gauge, Registry } from "prom-client";
import { COUNTERS } from "./counters.js";
import { GAUGES } from "./gauges.js";
import { type MetricSources, measure } from "./measured.js";
import type { HttpPage } from "./server.js";

/** All metrics in Prometheus' text form. */
export const metricsPage = (sources: MetricSources): HttpPage => ({
  type: "text/plain; version=0.0.4; charset=utf-8",
  text: () => metricsText(sources),
});

async function metricsText(sources: MetricSources): Promise<string> {
  const registry = new Registry();
  const measured = measure(sources);
  for (const { name, help, labels = [], samples } of COUNTERS) {
    const counter = new Counter({ name, help, labelNames: labels, registers: [registry] });
    for (const [values, value] of samples(measured)) counter.inc(values, value);
  }
  for (const { name, help, labels = [], samples } of GAUGES) {
    const gauge = new Gauge({ name, help, labelNames: labels, registers: [registry] });
    for (const [values, value] of samples(measured)) gauge.set(values, value);
  }
  return registry.metrics();
}
